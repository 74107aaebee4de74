import type { GoldenAnswer, GoldenQuery, GoldenRow } from '#lib/api/golden.ts'
import { resourceId } from '#lib/resources/resource-ref.ts'
import { compareText, coverageOf, heardPods, podKey } from './coverage.ts'
import type { Ground } from './ground.ts'
import { meshedOf } from './inventory.ts'
import { noteOf, resolveRange, spanOf } from './range.ts'
import { readSelector } from './scope.ts'
import { sentByReceiverless } from './senders.ts'
import { goldenOf, requestsOf, tcpOf } from './sums.ts'
import { findTraffic, type Subject } from './traffic.ts'

/** Golden metrics of each resource asked for, idle and unmeshed ones included. */
export async function answerGolden(ground: Ground, query: GoldenQuery): Promise<GoldenAnswer> {
  const selector = readSelector(query.selector)
  const resolved = resolveRange(ground, query)
  const { answer, subjects, needed, note } = await findTraffic(ground, query, selector, resolved.range)
  const heard = heardPods(answer)
  const isOwn = query.to === undefined && query.from === undefined && query.route === undefined
  const sent = isOwn ? await sentByReceiverless(ground, subjects, answer.range) : null
  return {
    span: spanOf(ground, answer),
    coverage: coverageOf(ground, answer, needed, resolved),
    ...noteOf(resolved.note, note),
    rows: subjects
      .map(subject => {
        const row = rowOf(subject, heard, query)
        const sending = sent?.get(row.id)
        return sending ? { ...row, sent: sending } : row
      })
      .sort((a, b) => compareText(a.id, b.id)),
  }
}

/** Whether any proxy that would know of the subject was scraped in the range. */
export function isHeard({ witnesses }: Subject, heard: ReadonlySet<string>): boolean {
  return witnesses.some(({ namespace, name }) => heard.has(podKey({ namespace, pod: name })))
}

function rowOf(subject: Subject, heard: ReadonlySet<string>, query: GoldenQuery): GoldenRow {
  const [traffic] = subject.bySteps.values()
  const known = isHeard(subject, heard)
  const requests = traffic ? requestsOf(traffic.sums) : 0
  const golden = goldenOf(traffic?.sums, known, traffic?.refused)
  // Proxies count neither connections nor refusals by route.
  const isOfRoute = query.route !== undefined
  return {
    id: resourceId(subject.ref),
    resource: subject.ref,
    meshed: meshedOf(subject.instances),
    golden,
    tcp: isOfRoute ? tcpOf(undefined, false) : tcpOf(traffic?.sums, known),
    mtlsRate: !isOfRoute && traffic && requests > 0 ? traffic.secured / requests : null,
    denied: isOfRoute ? null : (traffic?.denied ?? (known ? 0 : null)),
  }
}
