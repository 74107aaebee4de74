import type { GoldenQuery } from '#lib/api/golden.ts'
import type { StatusesAnswer, StatusRow } from '#lib/api/statuses.ts'
import { resourceId } from '#lib/resources/resource-ref.ts'
import { readStatusKey, type Status } from '#server/store/status-key.ts'
import { compareText, coverageOf } from './coverage.ts'
import type { Ground } from './ground.ts'
import { noteOf, resolveRange, spanOf } from './range.ts'
import { readSelector } from './scope.ts'
import { findTraffic, type Subject } from './traffic.ts'

/** The requests of `/golden` by what they were answered; nothing of resources that answered none. */
export async function answerStatuses(ground: Ground, query: GoldenQuery): Promise<StatusesAnswer> {
  const selector = readSelector(query.selector)
  const resolved = resolveRange(ground, query)
  const { answer, subjects, needed, note } = await findTraffic(ground, query, selector, resolved.range, {
    withStatuses: true,
  })
  return {
    span: spanOf(ground, answer),
    coverage: coverageOf(ground, answer, needed, resolved),
    ...noteOf(resolved.note, note),
    rows: subjects.flatMap(rowsOf).sort((a, b) => compareText(a.id, b.id)),
  }
}

function rowsOf({ ref, bySteps }: Subject): StatusRow[] {
  const [traffic] = bySteps.values()
  return Array.from(traffic?.sums.statuses ?? [], ([key, { requests, perSecond }]) => {
    const status = readStatusKey(key)
    return {
      id: `${resourceId(ref)} ${nameOf(status)}`,
      resource: ref,
      status: status.status,
      ...(status.grpcStatus === '' ? {} : { grpcStatus: status.grpcStatus }),
      classification: status.classification,
      requests,
      rps: perSecond,
    }
  })
}

/** A status may stand for success on one route and for failure on another. */
function nameOf({ classification, status, grpcStatus }: Status): string {
  return `${status}${grpcStatus === '' ? '' : ` grpc ${grpcStatus}`} ${classification}`
}
