import { gradeOf } from '#lib/metrics/grade.ts'
import type { Verdict } from '#lib/topology/edge-verdict.ts'
import type { GraphNode } from './graph.ts'

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
