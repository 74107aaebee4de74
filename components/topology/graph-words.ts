import { mtlsWords } from '#components/golden/mtls-mark.tsx'
import { toldGolden } from '#lib/api/edge-filter.ts'
import { latency, percent, quantityText, requestRate } from '#lib/metrics/format.ts'
import type { GraphEdge, GraphNode } from './graph.ts'
import { type NodeState, nodeState } from './verdict.ts'

const stateWords: Readonly<Record<NodeState, string>> = {
  busy: '',
  idle: 'idle',
  unmeshed: 'not meshed',
  external: 'outside the mesh',
  serviceaccount: 'known by identity only',
  unanswered: 'its proxies do not answer',
}

/** What a node is called: `shop/web`, or its bare name where it is in no namespace. */
export function nodeTitle({ namespace, name }: Pick<GraphNode, 'namespace' | 'name'>): string {
  return namespace === '' ? name : `${namespace}/${name}`
}

/** A node in one line, for whoever cannot see it. */
export function nodeLine(node: GraphNode): string {
  const { golden, badges } = node
  return [
    `${nodeTitle(node)}, ${node.folded > 0 ? `namespace of ${node.folded} workloads` : node.kind}`,
    stateWords[nodeState(node)],
    (golden.requests ?? 0) > 0
      ? `${quantityText(requestRate(golden.rps))}, ${quantityText(percent(golden.successRate))} successful`
      : '',
    badges.includes('denied') ? 'some requests denied' : '',
  ]
    .filter(text => text !== '')
    .join(', ')
}

export const protocolNames: Readonly<Record<GraphEdge['protocol'], string>> = {
  http: 'HTTP',
  grpc: 'gRPC',
  tcp: 'TCP',
}

/** An edge's numbers in one line: rate, success, P95, what was denied, and why it is not all mTLS. */
export function edgeLine(edge: GraphEdge): string {
  const { denied, protocol } = edge
  const golden = toldGolden(edge)
  const hasRequests = (golden.requests ?? 0) > 0
  return [
    protocol === 'http' ? '' : protocolNames[protocol],
    hasRequests ? quantityText(requestRate(golden.rps)) : '',
    hasRequests && golden.successRate !== null ? quantityText(percent(golden.successRate)) : '',
    golden.latencyMs.p95 === null ? '' : `P95 ${quantityText(latency(golden.latencyMs.p95))}`,
    denied > 0 ? `${denied} denied` : '',
    edge.mtls === 'all' ? '' : mtlsWords(edge),
  ]
    .filter(text => text !== '')
    .join(' · ')
}
