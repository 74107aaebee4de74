import { assertSameBounds } from '#lib/metrics/histogram.ts'
import type { Dimension, Range, Row, Sums } from '#server/store/store.ts'
import { type Cell, counterFields, firstBucket, tcpOpenField } from './cell.ts'
import type { SlotSink } from './slot-log.ts'

interface MutableSums extends Sums {
  latency: { readonly boundsMs: readonly number[]; readonly counts: number[] } | null
}

interface Group {
  readonly key: readonly string[]
  readonly steps: Map<number, MutableSums>
}

/**
 * Adds cells up to rows. Reading a cell's log calls `add` for each number of it; a rate is the sum over instances
 * of count ÷ covered time, so each number is divided by the time its own instance was covered.
 */
export class Groups implements SlotSink {
  readonly #by: readonly Dimension[]
  readonly #range: Range
  readonly #stepMs: number
  readonly #groups = new Map<string, Group>()
  #group: Group = { key: [], steps: new Map() }
  #cell: Cell | null = null
  #coveredMsByStep: readonly number[] = []
  #openByStep = new Map<number, number>()

  constructor(by: readonly Dimension[], range: Range, stepMs: number) {
    this.#by = by
    this.#range = range
    this.#stepMs = stepMs
  }

  /** Adds what the cell counted in the range, and the connections it had open. */
  addCell(cell: Cell, coveredMsByStep: readonly number[]): void {
    const key = this.#by.map(dimension => cell.key[dimension])
    const id = key.length === 1 ? key[0]! : key.join('\0')
    const group = this.#groups.get(id) ?? { key, steps: new Map() }
    this.#groups.set(id, group)
    this.#group = group
    this.#cell = cell
    this.#coveredMsByStep = coveredMsByStep
    this.#openByStep.clear()
    cell.log.read(this.#range.startMs, this.#range.endMs, this)
    this.#addOpen(cell)
  }

  add(slotMs: number, field: number, value: number): void {
    const step = Math.floor((slotMs - this.#range.startMs) / this.#stepMs)
    if (field === tcpOpenField) {
      this.#openByStep.set(step, value)
      return
    }
    const sums = this.#sumsOf(step)
    if (field >= firstBucket) {
      this.#latencyOf(sums).counts[field - firstBucket]! += value
      return
    }
    const name = counterFields[field]!
    sums[name] += value
    const coveredMs = this.#coveredMsByStep[step]!
    const perSecond = coveredMs > 0 ? (value * 1_000) / coveredMs : 0
    if (name === 'success' || name === 'failure') sums.responsesPerSecond += perSecond
    else if (name === 'readBytes') sums.readBytesPerSecond += perSecond
    else if (name === 'writeBytes') sums.writeBytesPerSecond += perSecond
  }

  /** Rows in which something was counted, or connections were open; by key, then time. */
  rows(): Row[] {
    const rows: Row[] = []
    for (const [, group] of [...this.#groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
      for (const [step, sums] of [...group.steps].sort(([a], [b]) => a - b)) {
        rows.push({ key: group.key, atMs: this.#range.startMs + step * this.#stepMs, sums })
      }
    }
    return rows
  }

  #addOpen(cell: Cell): void {
    if (!cell.log.hasState) return
    let open = cell.log.stateBefore(this.#range.startMs)
    const steps = this.#coveredMsByStep.length
    for (let step = 0; step < steps; step++) {
      const told = this.#openByStep.get(step)
      open = told ?? open
      // A baseline covers no time, yet its instance answered.
      const isAnswered = steps === 1 || told !== undefined || this.#coveredMsByStep[step]! > 0
      if (open > 0 && isAnswered) this.#sumsOf(step).tcpOpen += open
    }
  }

  #sumsOf(step: number): MutableSums {
    const present = this.#group.steps.get(step)
    if (present !== undefined) return present
    const sums = emptySums()
    this.#group.steps.set(step, sums)
    return sums
  }

  #latencyOf(sums: MutableSums): NonNullable<MutableSums['latency']> {
    const boundsMs = this.#cell?.boundsMs ?? []
    if (sums.latency === null) {
      sums.latency = { boundsMs, counts: Array.from({ length: boundsMs.length + 1 }, () => 0) }
    } else {
      assertSameBounds(sums.latency.boundsMs, boundsMs)
    }
    return sums.latency
  }
}

function emptySums(): MutableSums {
  return {
    success: 0,
    failure: 0,
    latency: null,
    actualSuccess: 0,
    actualFailure: 0,
    denied: 0,
    tcpOpened: 0,
    tcpClosed: 0,
    tcpOpen: 0,
    readBytes: 0,
    writeBytes: 0,
    responsesPerSecond: 0,
    readBytesPerSecond: 0,
    writeBytesPerSecond: 0,
  }
}
