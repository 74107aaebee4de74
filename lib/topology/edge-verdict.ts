import type { TopologyEdge } from '#lib/api/topology.ts'
import { gradeOf } from '#lib/metrics/grade.ts'

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
