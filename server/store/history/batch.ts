import { Buffer } from 'node:buffer'
import type { Baseline } from '#server/store/earlier-life.ts'
import type { CellKey } from '#server/store/store.ts'

/** One proxy whose scrapes are kept, under its number in the file. */
export interface Instance {
  readonly id: number
  readonly namespace: string
  readonly pod: string
  /** Cells with open connections, and how many. */
  readonly open: Map<Cell, number>
  newestMs: number
  /** Whether the file knows it. */
  isSaved: boolean
  /** Memory of an exposition that was written, for the next one. */
  spare: Buffer | null
}

/** One label set, under its number in the file. A later life of the server gives the same set another number. */
export interface Cell {
  readonly id: number
  readonly key: CellKey
  readonly instance: Instance
  newestMs: number
  isSaved: boolean
}

/** What one instance's scrapes covered of a slot, and the connections open at the last of them. */
interface CoveredSlot {
  coveredMs: number
  lastSampleAtMs: number
  opens: readonly (readonly [Cell, number])[]
}

/** What was counted in one slot. */
export interface BatchSlot {
  readonly startMs: number
  readonly numbers: Map<Cell, Map<number, number>>
  readonly covered: Map<Instance, CoveredSlot>
}

/** An exposition grows by a little from scrape to scrape. */
const roomRatio = 1.1

/** What was appended between two flushes, summed by slot. */
export class Batch {
  readonly slots = new Map<number, BatchSlot>()
  /** Of each instance, at the end of all that is here: going on from there, nothing is counted twice or left out. */
  readonly baselines = new Map<Instance, Baseline>()
  /** What the expositions of these lie in. */
  readonly #memory = new Map<Instance, Buffer>()
  /** How many numbers it holds: what it costs. */
  size = 0
  newestMs = Number.NEGATIVE_INFINITY
  deltas = 0

  slotAt(startMs: number): BatchSlot {
    let slot = this.slots.get(startMs)
    if (slot === undefined) {
      slot = { startMs, numbers: new Map(), covered: new Map() }
      this.slots.set(startMs, slot)
    }
    return slot
  }

  add(slot: BatchSlot, cell: Cell, field: number, value: number): void {
    let numbers = slot.numbers.get(cell)
    if (numbers === undefined) {
      numbers = new Map()
      slot.numbers.set(cell, numbers)
    }
    const before = numbers.get(field)
    if (before === undefined) this.size++
    numbers.set(field, (before ?? 0) + value)
  }

  /** Copies the newest exposition of an instance, into memory that is used again from batch to batch. */
  keepBaseline(instance: Instance, endMs: number, exposition: Uint8Array): void {
    const { length } = exposition
    let memory = this.#memory.get(instance) ?? instance.spare
    if (memory === null || memory.length < length)
      memory = Buffer.allocUnsafeSlow(Math.ceil(length * roomRatio))
    instance.spare = null
    this.#memory.set(instance, memory)
    memory.set(exposition)
    this.baselines.set(instance, { endMs, exposition: memory.subarray(0, length) })
  }

  /** The expositions were written: what comes next may use their memory. */
  releaseBaselines(): void {
    for (const [instance, memory] of this.#memory) instance.spare = memory
    this.#memory.clear()
    this.baselines.clear()
  }

  cover(slot: BatchSlot, instance: Instance, coveredMs: number, atMs: number): void {
    const known = slot.covered.get(instance)
    this.size += (known ? 0 : 1) + instance.open.size - (known?.opens.length ?? 0)
    const covered = known ?? { coveredMs: 0, lastSampleAtMs: atMs, opens: [] }
    covered.coveredMs += coveredMs
    if (atMs >= covered.lastSampleAtMs) {
      covered.lastSampleAtMs = atMs
      covered.opens = [...instance.open]
    }
    slot.covered.set(instance, covered)
  }
}
