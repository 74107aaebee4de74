import { assertSameBounds } from '#lib/metrics/histogram.ts'
import { counterFields } from '#server/store/counter-fields.ts'
import type { Range, Row, StatusCount, Sums } from '#server/store/store.ts'
import { type Cell, firstBucket, tcpOpenField } from './cell.ts'
import type { CellGroup } from './group-index.ts'
import type { SlotSink } from './slot-log.ts'
import { firstStatusField, type StatusFields } from './status-fields.ts'

/** What a group counted in one step. One is used for group after group. */
class Step {
  /** Whether it was entered at all; that may be only to learn that no connection is open. */
  isEntered = false
  hasNumbers = false
  readonly numbers = new Float64Array(counterFields.length)
  /** What each instance's responses and bytes come to per second, added up. */
  responsesPerSecond = 0
  readBytesPerSecond = 0
  writeBytesPerSecond = 0
  boundsMs: readonly number[] | null = null
  /** By bucket of `boundsMs`. */
  latencies: number[] = []
  tcpOpen = 0
  /** By field; `null` before any, or when nobody asked. */
  statuses: Map<number, { requests: number; perSecond: number }> | null = null

  clear(): void {
    this.isEntered = false
    this.hasNumbers = false
    this.numbers.fill(0)
    this.responsesPerSecond = 0
    this.readBytesPerSecond = 0
    this.writeBytesPerSecond = 0
    this.boundsMs = null
    this.latencies = []
    this.tcpOpen = 0
    this.statuses = null
  }
}

/**
 * Adds the cells of groups up to rows. Reading a cell's log calls `add` for each number of it; a rate is the sum over
 * instances of count ÷ covered time, so each number is divided by the time its own instance was covered.
 */
export class GroupSums implements SlotSink {
  readonly #range: Range
  readonly #stepMs: number
  readonly #statusFields: StatusFields | null
  readonly #steps: (Step | undefined)[] = []
  #boundsMs: readonly number[] = []
  #coveredMsByStep: readonly number[] = []
  readonly #openByStep = new Map<number, number>()
  #at = 0
  #step = new Step()
  /** What one more of anything in the present step adds to its rate. */
  #perSecond = 0

  /** Without `statusFields`, what was counted by status is passed over. */
  constructor(range: Range, stepMs: number, statusFields: StatusFields | null) {
    this.#statusFields = statusFields
    this.#range = range
    this.#stepMs = stepMs
  }

  /** Adds the rows of a group, by time: steps in which something was counted, or connections were open. */
  addRows(rows: Row[], group: CellGroup, matches: (cell: Cell) => boolean): void {
    for (const cell of group.cells) {
      const { coveredMsByStep } = cell.owner
      if (coveredMsByStep !== null && matches(cell)) this.#addCell(cell, coveredMsByStep)
    }
    for (const [at, step] of this.#steps.entries()) {
      if (!step?.isEntered) continue
      if (step.hasNumbers || step.tcpOpen > 0) {
        const atMs = this.#range.startMs + at * this.#stepMs
        rows.push({ key: group.key, atMs, sums: this.#sumsOf(step) })
      }
      step.clear()
    }
  }

  enter(slotMs: number): void {
    this.#at = Math.floor((slotMs - this.#range.startMs) / this.#stepMs)
    this.#step = this.#stepAt(this.#at)
    const coveredMs = this.#coveredMsByStep[this.#at]!
    this.#perSecond = coveredMs > 0 ? 1_000 / coveredMs : 0
  }

  add(field: number, value: number): void {
    const step = this.#step
    if (field === tcpOpenField) {
      this.#openByStep.set(this.#at, value)
      return
    }
    if (field >= firstStatusField) {
      if (this.#statusFields !== null) this.#addStatus(step, field, value)
      return
    }
    step.hasNumbers = true
    if (field >= firstBucket) {
      if (step.boundsMs !== this.#boundsMs) bindBounds(step, this.#boundsMs)
      step.latencies[field - firstBucket]! += value
      return
    }
    step.numbers[field]! += value
    if (field <= fieldOf.failure) step.responsesPerSecond += value * this.#perSecond
    else if (field === fieldOf.readBytes) step.readBytesPerSecond += value * this.#perSecond
    else if (field === fieldOf.writeBytes) step.writeBytesPerSecond += value * this.#perSecond
  }

  /** Adds what the cell counted in the range, and the connections it had open. */
  #addCell(cell: Cell, coveredMsByStep: readonly number[]): void {
    this.#boundsMs = cell.boundsMs ?? []
    this.#coveredMsByStep = coveredMsByStep
    this.#openByStep.clear()
    cell.log.read(this.#range.startMs, this.#range.endMs, this)
    this.#addOpen(cell)
  }

  #addStatus(step: Step, field: number, value: number): void {
    step.statuses ??= new Map()
    const count = step.statuses.get(field) ?? { requests: 0, perSecond: 0 }
    step.statuses.set(field, count)
    count.requests += value
    count.perSecond += value * this.#perSecond
  }

  #sumsOf(step: Step): Sums {
    const fields = this.#statusFields
    if (fields === null) return sumsOf(step, null)
    const statuses = new Map<string, StatusCount>()
    for (const [field, count] of step.statuses ?? []) statuses.set(fields.statusOf(field), count)
    return sumsOf(step, statuses)
  }

  #addOpen(cell: Cell): void {
    if (!cell.log.hasState) return
    let open = cell.log.stateBefore(this.#range.startMs)
    const steps = this.#coveredMsByStep.length
    for (let at = 0; at < steps; at++) {
      const told = this.#openByStep.get(at)
      open = told ?? open
      // A baseline covers no time, yet its instance answered.
      const isAnswered = steps === 1 || told !== undefined || this.#coveredMsByStep[at]! > 0
      if (open > 0 && isAnswered) this.#stepAt(at).tcpOpen += open
    }
  }

  #stepAt(at: number): Step {
    let step = this.#steps[at]
    if (step === undefined) {
      step = new Step()
      this.#steps[at] = step
    }
    step.isEntered = true
    return step
  }
}

/** Makes room for latencies in these bounds. Throws a RangeError when the step holds some in others. */
function bindBounds(step: Step, boundsMs: readonly number[]): void {
  if (step.boundsMs !== null) {
    assertSameBounds(step.boundsMs, boundsMs)
    return
  }
  // A hot path: a third of a sum's time went into the ways of Array.from.
  const latencies: number[] = []
  for (let i = 0; i <= boundsMs.length; i++) latencies.push(0)
  step.latencies = latencies
  step.boundsMs = boundsMs
}

const fieldOf = Object.fromEntries(counterFields.map((name, field) => [name, field])) as Record<
  (typeof counterFields)[number],
  number
>

function sumsOf(step: Step, statuses: Sums['statuses']): Sums {
  const { numbers, boundsMs, latencies, tcpOpen } = step
  const number = (field: number) => numbers[field]!
  return {
    success: number(fieldOf.success),
    failure: number(fieldOf.failure),
    latency: boundsMs === null ? null : { boundsMs, counts: latencies },
    actualSuccess: number(fieldOf.actualSuccess),
    actualFailure: number(fieldOf.actualFailure),
    denied: number(fieldOf.denied),
    limited: number(fieldOf.limited),
    unrouted: number(fieldOf.unrouted),
    tcpOpened: number(fieldOf.tcpOpened),
    tcpClosed: number(fieldOf.tcpClosed),
    tcpOpen,
    readBytes: number(fieldOf.readBytes),
    writeBytes: number(fieldOf.writeBytes),
    responsesPerSecond: step.responsesPerSecond,
    readBytesPerSecond: step.readBytesPerSecond,
    writeBytesPerSecond: step.writeBytesPerSecond,
    statuses,
  }
}
