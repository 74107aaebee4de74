import type { Coverage } from '#lib/api/common.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import type { Answer, InstanceCoverage } from '#server/store/store.ts'
import type { TargetState } from '#server/store/targets.ts'
import type { Ground } from './ground.ts'
import { instant, type ResolvedRange } from './range.ts'

/** `namespace/pod`, by which instances, targets and coverage are matched. */
export function podKey(of: { readonly namespace: string; readonly pod: string }): string {
  return `${of.namespace}/${of.pod}`
}

/** The instances, as `namespace/pod`, that a scrape in the range covered. */
export function heardPods(answer: Pick<Answer, 'coverage'>): ReadonlySet<string> {
  return new Set(answer.coverage.filter(one => one.coveredMs > 0).map(podKey))
}

/**
 * Which of the instances that an answer needs have answered up to the end of its range, and why the others have not.
 * Instances without a proxy are not needed.
 */
export function coverageOf(
  { store, platform, targets, nowMs }: Ground,
  answer: Pick<Answer, 'coverage'>,
  needed: Iterable<Instance>,
  { range, live }: ResolvedRange,
): Coverage {
  const covered = new Map(answer.coverage.map(one => [podKey(one), one]))
  const states = new Map(targets.list().map(one => [podKey(one), one]))
  const tardyBeforeMs = Math.min(range.endMs, nowMs()) - 1.5 * store.minimumWindowMs
  const missing: Coverage['missing'] = []
  let expected = 0
  let oldestMs = Number.POSITIVE_INFINITY
  for (const { namespace, name: pod, meshed } of needed) {
    if (!meshed) continue
    expected++
    const key = podKey({ namespace, pod })
    const sample = covered.get(key)
    const gap = gapOf(sample, states.get(key), tardyBeforeMs, live)
    if (gap) {
      missing.push({
        namespace,
        pod,
        since: gap.sinceMs === null ? null : instant(gap.sinceMs),
        reason: gap.reason,
      })
    } else if (sample) {
      oldestMs = Math.min(oldestMs, sample.lastSampleAtMs)
    }
  }
  missing.sort((a, b) => compareText(podKey(a), podKey(b)))
  const refused = platform.problem()
  return {
    expected,
    answered: expected - missing.length,
    oldestSampleAt: oldestMs === Number.POSITIVE_INFINITY ? null : instant(oldestMs),
    missing,
    ...(refused !== null && { refused }),
  }
}

/** Orders as code units do, the same everywhere. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function gapOf(
  sample: InstanceCoverage | undefined,
  target: TargetState | undefined,
  tardyBeforeMs: number,
  live: boolean,
): { sinceMs: number | null; reason: string } | null {
  const down = target?.state === 'down' ? target : null
  if (live && down) return { sinceMs: down.downSinceMs, reason: down.error ?? 'the newest scrape failed' }
  if (!sample || sample.coveredMs === 0) {
    const lastMs = target?.lastScrapeAtMs ?? null
    if (live && target?.state === 'up') return { sinceMs: lastMs, reason: 'it was scraped only once so far' }
    if (live) return { sinceMs: lastMs, reason: 'it was not scraped yet' }
    return { sinceMs: null, reason: 'it was not scraped in this range' }
  }
  if (sample.lastSampleAtMs >= tardyBeforeMs) return null
  return {
    sinceMs: sample.lastSampleAtMs,
    reason: down?.error ?? 'it was not scraped to the end of this range',
  }
}
