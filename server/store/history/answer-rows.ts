import { assertSameBounds } from '#lib/metrics/histogram.ts'
import { counterFields } from '#server/store/counter-fields.ts'
import type { InstanceCoverage, Range, Row, StatusCount, Sums } from '#server/store/store.ts'
import { type Fields, firstBucketField, firstStatusField } from './fields.ts'

interface Step {
  readonly numbers: Float64Array
  hasNumbers: boolean
  latency: { readonly boundsMs: readonly number[]; readonly counts: number[] } | null
  tcpOpen: number
  responsesPerSecond: number
  readBytesPerSecond: number
  writeBytesPerSecond: number
  readonly statuses: Map<string, { requests: number; perSecond: number }> | null
}

interface Group {
  readonly key: readonly string[]
  readonly steps: Map<number, Step>
}

interface CoveredSteps {
  readonly namespace: string
  readonly pod: string
  readonly coveredMs: number[]
  readonly lastSampleAtMs: (number | null)[]
}

const at = Object.fromEntries(counterFields.map((name, field) => [name, field])) as Record<
  (typeof counterFields)[number],
  number
>

/** Adds up what is told of groups and instances, from wherever, to the rows of an answer. */
export class AnswerRows {
  readonly #range: Range
  readonly #stepMs: number
  readonly #fields: Fields
  readonly #withStatuses: boolean
  readonly #groups = new Map<string, Group>()
  readonly #covered = new Map<string, CoveredSteps>()

  constructor(range: Range, stepMs: number, fields: Fields, withStatuses: boolean) {
    this.#range = range
    this.#stepMs = stepMs
    this.#fields = fields
    this.#withStatuses = withStatuses
  }

  /** The step that holds an instant of the range. */
  stepOf(atMs: number): number {
    return Math.floor((atMs - this.#range.startMs) / this.#stepMs)
  }

  /** Tells of an instance's scrapes in a step. Coverage comes first: rates depend on all of it. */
  cover(namespace: string, pod: string, step: number, coveredMs: number, lastSampleAtMs: number): void {
    const id = `${namespace}/${pod}`
    const known = this.#covered.get(id) ?? { namespace, pod, coveredMs: [], lastSampleAtMs: [] }
    this.#covered.set(id, known)
    known.coveredMs[step] = (known.coveredMs[step] ?? 0) + coveredMs
    known.lastSampleAtMs[step] = Math.max(known.lastSampleAtMs[step] ?? 0, lastSampleAtMs)
  }

  /** Adds what cells of a group counted in a step, all of one instance. */
  add(key: readonly string[], instance: string, step: number, field: number, value: number): void {
    if (field >= firstStatusField && field < firstBucketField && !this.#withStatuses) return
    const sums = this.#stepAt(key, step)
    const coveredMs = this.#covered.get(instance)?.coveredMs[step] ?? 0
    const perSecond = coveredMs > 0 ? (value * 1_000) / coveredMs : 0
    if (field >= firstBucketField) {
      this.#addLatency(sums, field, value)
    } else if (field >= firstStatusField) {
      const status = this.#fields.statusOf(field)
      const count = sums.statuses?.get(status) ?? { requests: 0, perSecond: 0 }
      count.requests += value
      count.perSecond += perSecond
      sums.statuses?.set(status, count)
      return
    } else {
      sums.numbers[field]! += value
      if (field === at.success || field === at.failure) sums.responsesPerSecond += perSecond
      else if (field === at.readBytes) sums.readBytesPerSecond += perSecond
      else if (field === at.writeBytes) sums.writeBytesPerSecond += perSecond
    }
    sums.hasNumbers = true
  }

  /** Adds open connections as they were at a scrape; only those of an instance's last scrape in a step count. */
  addOpen(key: readonly string[], instance: string, step: number, atMs: number, open: number): void {
    if (this.#covered.get(instance)?.lastSampleAtMs[step] === atMs) this.#stepAt(key, step).tcpOpen += open
  }

  /** By their values, then by time: steps in which something was counted, or connections were open. */
  rows(): Row[] {
    const groups = [...this.#groups].sort(([a], [b]) => (a < b ? -1 : 1))
    return groups.flatMap(([, { key, steps }]) =>
      [...steps]
        .filter(([, step]) => step.hasNumbers || step.tcpOpen > 0)
        .sort(([a], [b]) => a - b)
        .map(([i, step]) => ({ key, atMs: this.#range.startMs + i * this.#stepMs, sums: sumsOf(step) })),
    )
  }

  /** How much each instance covered, and of each step when asked for. */
  coverage(bySteps: boolean): InstanceCoverage[] {
    const stepCount = Math.round((this.#range.endMs - this.#range.startMs) / this.#stepMs)
    return Array.from(this.#covered.values(), ({ namespace, pod, coveredMs, lastSampleAtMs }) => {
      const byStep = Array.from({ length: stepCount }, (_, step) => coveredMs[step] ?? 0)
      return {
        namespace,
        pod,
        coveredMs: byStep.reduce((a, b) => a + b, 0),
        lastSampleAtMs: lastSampleAtMs.reduce<number>((latest, atMs) => Math.max(latest, atMs ?? 0), 0),
        ...(bySteps ? { coveredMsByStep: byStep } : {}),
      }
    })
  }

  #addLatency(step: Step, field: number, value: number): void {
    const { boundsMs, bucket } = this.#fields.bucketOf(field)
    step.latency ??= { boundsMs, counts: Array.from({ length: boundsMs.length + 1 }, () => 0) }
    assertSameBounds(step.latency.boundsMs, boundsMs)
    step.latency.counts[bucket]! += value
  }

  #stepAt(key: readonly string[], at: number): Step {
    const id = key.join('\0')
    let group = this.#groups.get(id)
    if (group === undefined) {
      group = { key, steps: new Map() }
      this.#groups.set(id, group)
    }
    let step = group.steps.get(at)
    if (step === undefined) {
      step = {
        numbers: new Float64Array(counterFields.length),
        hasNumbers: false,
        latency: null,
        tcpOpen: 0,
        responsesPerSecond: 0,
        readBytesPerSecond: 0,
        writeBytesPerSecond: 0,
        statuses: this.#withStatuses ? new Map() : null,
      }
      group.steps.set(at, step)
    }
    return step
  }
}

function sumsOf(step: Step): Sums {
  const counts = Object.fromEntries(
    counterFields.map((name, field) => [name, step.numbers[field]!]),
  ) as Record<(typeof counterFields)[number], number>
  const { latency, tcpOpen, responsesPerSecond, readBytesPerSecond, writeBytesPerSecond } = step
  const statuses: ReadonlyMap<string, StatusCount> | null = step.statuses
  return {
    ...counts,
    latency,
    tcpOpen,
    responsesPerSecond,
    readBytesPerSecond,
    writeBytesPerSecond,
    statuses,
  }
}
