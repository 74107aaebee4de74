import type { SeriesAnswer, SeriesQuery } from '#lib/api/series.ts'
import { resourceId } from '#lib/resources/resource-ref.ts'
import type { Answer } from '#server/store/store.ts'
import { compareText, coverageOf, podKey } from './coverage.ts'
import type { Ground } from './ground.ts'
import { instant, noteOf, resolveRange, spanOf } from './range.ts'
import { readSelector } from './scope.ts'
import { isHeard } from './stat.ts'
import { readStepSeconds } from './step.ts'
import { goldenOf, tcpOf } from './sums.ts'
import { findTraffic } from './traffic.ts'

/** The question of `/golden`, a point for each step; all `null` in a step that no proxy covered. */
export async function answerSeries(ground: Ground, query: SeriesQuery): Promise<SeriesAnswer> {
  const selector = readSelector(query.selector)
  const resolved = resolveRange(ground, query)
  const stepSeconds = readStepSeconds(query.step, resolved.range, ground.store.minimumWindowMs)
  const { answer, subjects, needed, note } = await findTraffic(ground, query, selector, resolved.range, {
    stepSeconds,
  })
  const steps = stepStarts(answer)
  const heard = heardBySteps(answer, steps.length)
  const rows = subjects.map(subject => ({
    id: resourceId(subject.ref),
    resource: subject.ref,
    points: steps.map((startMs, i) => {
      const traffic = subject.bySteps.get(startMs)
      const known = isHeard(subject, heard[i] ?? new Set())
      return {
        at: instant(startMs),
        ...goldenOf(traffic?.sums, known, traffic?.refused),
        tcp: query.route === undefined ? tcpOf(traffic?.sums, known) : tcpOf(undefined, false),
      }
    }),
  }))
  return {
    span: spanOf(ground, answer),
    coverage: coverageOf(ground, answer, needed, resolved),
    ...noteOf(resolved.note, note),
    rows: rows.sort((a, b) => compareText(a.id, b.id)),
  }
}

function stepStarts({ range, stepSeconds }: Answer): number[] {
  const stepMs = stepSeconds * 1_000
  const count = Math.round((range.endMs - range.startMs) / stepMs)
  return Array.from({ length: count }, (_, i) => range.startMs + i * stepMs)
}

/** The pods that were scraped in each step. */
function heardBySteps({ coverage }: Answer, count: number): ReadonlySet<string>[] {
  const steps = Array.from({ length: count }, () => new Set<string>())
  for (const one of coverage) {
    one.coveredMsByStep?.forEach((coveredMs, i) => {
      if (coveredMs > 0) steps[i]?.add(podKey(one))
    })
  }
  return steps
}
