import type { Edge, EdgesAnswer, EdgesQuery } from '#lib/api/edges.ts'
import type { ResourceKind } from '#lib/resources/kinds.ts'
import type { ResourceRef } from '#lib/resources/resource-ref.ts'
import { type Endpoint, endpointOf } from './callers.ts'
import { compareText, coverageOf } from './coverage.ts'
import { effectiveByEdge, findAsks } from './effective.ts'
import type { Ground } from './ground.ts'
import { destinationAt, resourceAt, sourceService } from './grouping.ts'
import { servicesByWorkload } from './inventory.ts'
import { type Link, refusedOf } from './link.ts'
import { groupLinks, type LinkEnds } from './link-groups.ts'
import { findLinks } from './links.ts'
import { noteOf, resolveRange, spanOf } from './range.ts'
import { inScope, readScope, requireKnown } from './scope.ts'
import { mtlsOf, mtlsRatioOf } from './security.ts'
import { goldenOf, tcpOf } from './sums.ts'

/** Every edge that touches one of the resources asked for. */
export async function answerEdges(ground: Ground, query: EdgesQuery): Promise<EdgesAnswer> {
  const state = ground.platform.current()
  const scope = readScope(state, 'resource', query.resource ?? 'workload', query.namespace)
  const resolved = resolveRange(ground, query)
  const [{ answer, byStep }, asks] = await Promise.all([
    findLinks(ground, resolved.range, scope.kind === 'pod' ? 'pod' : 'workload'),
    scope.kind === 'pod' ? null : findAsks(ground, resolved.range),
  ])
  const links = [...byStep.values()].flat()
  const services = servicesByWorkload(state)
  const groups = groupLinks(links, link => endsOf(link, scope.kind, services))
  const effective = asks && effectiveByEdge(groups, asks)
  const rows = [...groups]
    .filter(([, link]) => inScope(scope, link.source.ref) || inScope(scope, link.destination.ref))
    .map(([id, link]) => ({ ...edgeOf(id, link, scope.kind !== 'service'), ...effective?.get(id) }))
    .sort((a, b) => compareText(a.id, b.id))
  requireKnown(state, scope, () => rows.length > 0)
  return {
    span: spanOf(ground, answer),
    coverage: coverageOf(ground, answer, state.instances, resolved),
    ...noteOf(resolved.note),
    rows,
  }
}

/** What a link connects when resources of `kind` are looked at; an end that is none of them stays what it is. */
export function endsOf(
  link: Link,
  kind: ResourceKind,
  services: ReadonlyMap<string, readonly string[]>,
): LinkEnds {
  const { source, destination } = link
  if (kind === 'service') {
    return {
      source: endAt(source, sourceService(source, services)),
      destination: endAt(destination, destinationAt(link, kind)),
    }
  }
  const refOf = (end: Endpoint): ResourceRef | null => (kind === 'mesh' ? end.ref : resourceAt(end, kind))
  return { source: endAt(source, refOf(source)), destination: endAt(destination, refOf(destination)) }
}

/** The endpoint of what an end is drawn as; of `null` as itself. */
function endAt(end: Endpoint, ref: ResourceRef | null): Endpoint {
  const isItself = end.pod === '' && (ref === null || ref === end.ref)
  return isItself ? end : endpointOf(ref ?? end.ref)
}

/** A link as the API prints it. `compare` says whether its two ends counted the same traffic. */
export function edgeOf(id: string, link: Link, compare: boolean): Edge {
  const mtls = mtlsOf(link.requests, link.connections)
  const disagreement = compare ? disagreementOf(link) : null
  return {
    id,
    source: link.source.ref,
    destination: link.destination.ref,
    clientId: link.clientId ?? '',
    serverId: link.serverId ?? '',
    secured: mtls === 'all',
    mtls,
    mtlsRatio: mtlsRatioOf(link.requests, link.connections),
    reasons: [...link.reasons].sort(),
    denied: link.denied,
    golden: goldenOf(link.sums, true, refusedOf(link)),
    tcp: tcpOf(link.sums, true),
    ...(disagreement ? { disagreement } : {}),
  }
}

/** Both ends' counts, when counts and rates both differ by over 5 %: scrapes of the ends may cover unlike times. */
function disagreementOf(link: Link): { outbound: number; inbound: number } | null {
  const { outbound, inbound } = link
  const refused = refusedOf(link)
  if (!outbound || !inbound) return null
  const counts = { outbound: outbound.requests, inbound: inbound.requests }
  if (!differ(counts.outbound, counts.inbound) || !differ(counts.outbound, counts.inbound + refused))
    return null
  return refused > 0 || differ(outbound.perSecond, inbound.perSecond) ? counts : null
}

function differ(a: number, b: number): boolean {
  return Math.abs(a - b) > 0.05 * Math.max(a, b)
}
