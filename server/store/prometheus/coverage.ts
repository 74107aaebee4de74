import type { Range } from '#server/store/store.ts'
import { lookBackMs, youngMs } from './promql.ts'
import type { Timeline } from './timelines.ts'

/** What is known of one instance at one time: when it was last read, and when the process began that was read. */
interface Reading {
  readonly lastReadMs: number
  readonly startedMs: number
}

/** One instance, at the start of a range and at the end of each of its steps; `null` where it was not there. */
export interface InstanceReadings {
  readonly namespace: string
  readonly pod: string
  readonly before: Reading | null
  readonly steps: readonly (Reading | null)[]
}

/** How much of each step the samples of an instance cover. */
export interface StepCoverage {
  readonly coveredMs: number
  /** `null` when no sample is of the step. */
  readonly lastReadMs: number | null
  /** What was counted cannot be told from its ends: a process ended in it, or counting begins in it. */
  readonly isBroken: boolean
}

const sameStartMs = 100

/** Puts together what `lastRead` and `lastStart` say of each instance before a range and in its steps. */
export function readingsOf(
  before: { readonly read: readonly Timeline[]; readonly started: readonly Timeline[] },
  steps: { readonly read: readonly Timeline[]; readonly started: readonly Timeline[] },
  { startMs }: Range,
  stepMs: number,
  stepCount: number,
): readonly InstanceReadings[] {
  const instances = new Map<string, { namespace: string; pod: string; values: Partial<Reading>[] }>()
  const put = (timelines: readonly Timeline[], field: keyof Reading, indexOf: (atMs: number) => number) => {
    for (const { labels, points } of timelines) {
      const { namespace = '', pod = '' } = labels
      const id = `${namespace}/${pod}`
      const instance = instances.get(id) ?? { namespace, pod, values: [] }
      instances.set(id, instance)
      for (const { atMs, value } of points) {
        const index = indexOf(atMs)
        if (index < 0 || index > stepCount) continue
        instance.values[index] = { ...instance.values[index], [field]: value * 1_000 }
      }
    }
  }
  put(before.read, 'lastReadMs', () => 0)
  put(before.started, 'startedMs', () => 0)
  // Asked for a step's end, or a little later: the step is the one that ended.
  const indexOf = (atMs: number) => Math.floor((atMs - startMs) / stepMs)
  put(steps.read, 'lastReadMs', indexOf)
  put(steps.started, 'startedMs', indexOf)
  return Array.from(instances.values(), ({ namespace, pod, values }) => ({
    namespace,
    pod,
    before: whole(values[0]),
    steps: Array.from({ length: stepCount }, (_, i) => whole(values[i + 1])),
  }))
}

function whole({ lastReadMs, startedMs }: Partial<Reading> = {}): Reading | null {
  return lastReadMs === undefined || startedMs === undefined ? null : { lastReadMs, startedMs }
}

/** How much of each step of a range an instance's samples cover. */
export function coverSteps(
  { before, steps }: InstanceReadings,
  startMs: number,
  stepMs: number,
): readonly StepCoverage[] {
  let known = before
  return steps.map((reading, i) => {
    const stepStartMs = startMs + i * stepMs
    // What was read before the step is told once more as long as nothing newer is there.
    if (reading === null || reading.lastReadMs < stepStartMs)
      return { coveredMs: 0, lastReadMs: null, isBroken: false }
    const { lastReadMs, startedMs } = reading
    const earlier = known !== null && known.lastReadMs >= stepStartMs - lookBackMs ? known : null
    known = reading
    const isRestarted = earlier !== null && startedMs - earlier.startedMs > sameStartMs
    const isYoung = earlier === null && startedMs > stepStartMs - youngMs
    const sinceMs = isRestarted
      ? Math.max(earlier.lastReadMs, startedMs)
      : (earlier?.lastReadMs ?? (isYoung ? startedMs : lastReadMs))
    return {
      coveredMs: Math.max(0, Math.round(lastReadMs - sinceMs)),
      lastReadMs,
      isBroken: isRestarted || (earlier === null && !isYoung),
    }
  })
}
