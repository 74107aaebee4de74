import { gradeOf } from '#components/golden/grade.ts'
import type { TopologyEdge } from '#lib/api/topology.ts'
import type { GraphNode } from './graph.ts'

/** How something goes, worst first: what an edge is coloured and marked by. */
export type Verdict = 'denied' | 'bad' | 'warn' | 'good' | 'quiet'

/** The verdict on an edge. Refused traffic is `denied` whatever else passes; `quiet` has none to judge by. */
export function edgeVerdict({ denied, golden, protocol, tcp }: TopologyEdge): Verdict {
  if (denied > 0) return 'denied'
  if (golden.successRate !== null) return gradeOf(golden.successRate)
  return protocol === 'tcp' && (tcp.open ?? 0) + (tcp.readBytesPerSecond ?? 0) > 0 ? 'good' : 'quiet'
}

/** Whether an edge has to be seen: it is denied, or below 95 %. */
export function isFailing(edge: TopologyEdge): boolean {
  const verdict = edgeVerdict(edge)
  return verdict === 'denied' || verdict === 'bad' || verdict === 'warn'
}

/** What a node is, where that matters more than its numbers. */
export type NodeState = 'busy' | 'idle' | 'unmeshed' | 'external' | 'serviceaccount' | 'unanswered'

/** The state of a node; `busy` is any that carries or sends traffic. */
export function nodeState({ kind, badges, meshed }: GraphNode): NodeState {
  if (kind === 'external') return 'external'
  if (kind === 'serviceaccount') return 'serviceaccount'
  if (badges.includes('unmeshed') || (!meshed && kind === 'unmeshed')) return 'unmeshed'
  if (badges.includes('not-answering')) return 'unanswered'
  return badges.includes('idle') ? 'idle' : 'busy'
}

/** What a state means, in words for people. */
export const stateMeaning: Readonly<Record<NodeState, string>> = {
  busy: 'It has a proxy, and traffic',
  idle: 'Watched, and without traffic in this window',
  unmeshed: 'Not meshed: it has no proxy, and only what others tell of it is known',
  external: 'Outside of the mesh',
  serviceaccount: 'A caller known only by its identity: its proxy is not read by this server',
  unanswered: 'It has a proxy, and none of its proxies answered in this window',
}

/** The verdict on what a node received. */
export function nodeVerdict({ golden }: GraphNode): Verdict {
  return golden.successRate === null ? 'quiet' : gradeOf(golden.successRate)
}
