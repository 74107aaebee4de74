import { assertSameBounds } from '#lib/metrics/histogram.ts'
import type { Dimension, Range, Row, StatusCount, Sums } from '#server/store/store.ts'
import { type Cell, counterFields, firstBucket, tcpOpenField } from './cell.ts'
import type { SlotSink } from './slot-log.ts'
import { firstStatusField, type StatusFields } from './status-fields.ts'

/** What one group counted in one step: numbers by field, and what each instance's come to per second. */
interface Step {
  /** Whether anything was added: a step may be entered only to learn that no connection is open. */
  hasNumbers: boolean
  numbers: Float64Array
  readonly perSecond: Float64Array
  boundsMs: readonly number[] | null
  tcpOpen: number
  /** By field; `null` before any, or when nobody asked. */
  statuses: Map<number, { requests: number; perSecond: number }> | null
}

interface Group {
  readonly key: readonly string[]
  readonly steps: (Step | undefined)[]
}

/**
 * Adds cells up to rows. Reading a cell's log calls `add` for each number of it; a rate is the sum over instances
 * of count ÷ covered time, so each number is divided by the time its own instance was covered.
 */
export class Groups implements SlotSink {
  readonly #by: readonly Dimension[]
  readonly #range: Range
  readonly #stepMs: number
  readonly #statusFields: StatusFields | null
  readonly #groups = new Map<string, Group>()
  #steps: (Step | undefined)[] = []
  #boundsMs: readonly number[] = []
  #coveredMsByStep: readonly number[] = []
  readonly #openByStep = new Map<number, number>()
  #at = 0
  #step = emptyStep()
  /** What one more of anything in the present step adds to its rate. */
  #perSecond = 0

  /** Without `statusFields`, what was counted by status is passed over. */
  constructor(by: readonly Dimension[], range: Range, stepMs: number, statusFields: StatusFields | null) {
    this.#statusFields = statusFields
    this.#by = by
    this.#range = range
    this.#stepMs = stepMs
  }

  /** Adds what the cell counted in the range, and the connections it had open. */
  addCell(cell: Cell, coveredMsByStep: readonly number[]): void {
    const key = this.#by.map(dimension => cell.key[dimension])
    const id = key.length === 1 ? key[0]! : key.join('\0')
    let group = this.#groups.get(id)
    if (group === undefined) {
      group = { key, steps: [] }
      this.#groups.set(id, group)
    }
    this.#steps = group.steps
    this.#boundsMs = cell.boundsMs ?? []
    this.#coveredMsByStep = coveredMsByStep
    this.#openByStep.clear()
    cell.log.read(this.#range.startMs, this.#range.endMs, this)
    this.#addOpen(cell)
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
    } else {
      step.perSecond[field]! += value * this.#perSecond
    }
    step.numbers[field]! += value
  }

  /** Rows in which something was counted, or connections were open; by key, then time. */
  rows(): Row[] {
    const rows: Row[] = []
    for (const [, group] of [...this.#groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
      for (const [at, step] of group.steps.entries()) {
        if (step === undefined || !(step.hasNumbers || step.tcpOpen > 0)) continue
        rows.push({ key: group.key, atMs: this.#range.startMs + at * this.#stepMs, sums: this.#sumsOf(step) })
      }
    }
    return rows
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
    const present = this.#steps[at]
    if (present !== undefined) return present
    const step = emptyStep()
    this.#steps[at] = step
    return step
  }
}

function emptyStep(): Step {
  return {
    hasNumbers: false,
    numbers: new Float64Array(firstBucket),
    perSecond: new Float64Array(firstBucket),
    boundsMs: null,
    tcpOpen: 0,
    statuses: null,
  }
}

/** Makes room for latencies in these bounds. Throws a RangeError when the step holds some in others. */
function bindBounds(step: Step, boundsMs: readonly number[]): void {
  if (step.boundsMs !== null) {
    assertSameBounds(step.boundsMs, boundsMs)
    return
  }
  const numbers = new Float64Array(firstBucket + boundsMs.length + 1)
  numbers.set(step.numbers)
  step.numbers = numbers
  step.boundsMs = boundsMs
}

const fieldOf = Object.fromEntries(counterFields.map((name, field) => [name, field])) as Record<
  (typeof counterFields)[number],
  number
>

function sumsOf({ numbers, perSecond, boundsMs, tcpOpen }: Step, statuses: Sums['statuses']): Sums {
  const number = (name: (typeof counterFields)[number]) => numbers[fieldOf[name]]!
  const rate = (name: (typeof counterFields)[number]) => perSecond[fieldOf[name]]!
  return {
    success: number('success'),
    failure: number('failure'),
    latency: boundsMs === null ? null : { boundsMs, counts: Array.from(numbers.subarray(firstBucket)) },
    actualSuccess: number('actualSuccess'),
    actualFailure: number('actualFailure'),
    denied: number('denied'),
    tcpOpened: number('tcpOpened'),
    tcpClosed: number('tcpClosed'),
    tcpOpen,
    readBytes: number('readBytes'),
    writeBytes: number('writeBytes'),
    responsesPerSecond: rate('success') + rate('failure'),
    readBytesPerSecond: rate('readBytes'),
    writeBytesPerSecond: rate('writeBytes'),
    statuses,
  }
}
