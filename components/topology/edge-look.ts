import { isAllRefused } from '#lib/api/edge-filter.ts'
import type { Mtls } from '#lib/api/edges.ts'
import { byteRate, latency, percent, quantityText, requestRate } from '#lib/metrics/format.ts'
import { edgeVerdict, type Verdict } from '#lib/topology/edge-verdict.ts'
import type { GraphEdge } from './graph.ts'

/** How an edge is drawn. Equal looks are drawn in one stroke. */
export interface EdgeLook {
  readonly verdict: Verdict
  readonly widthPx: number
  readonly dash: 'solid' | 'tcp' | 'denied' | 'quiet'
  readonly lock: Mtls
}

/** What can be written at edges. */
export const edgeLabels = ['rps', 'success', 'p95', 'none'] as const
export type EdgeLabel = (typeof edgeLabels)[number]

/** The look of an edge: a tenfold rate is one step of width more. */
export function edgeLook(edge: GraphEdge): EdgeLook {
  const verdict = edgeVerdict(edge)
  const load = edge.golden.rps ?? (edge.tcp.readBytesPerSecond ?? 0) / 1_000
  const widthPx = Math.min(1.5 + Math.round(Math.log10(1 + load) * 4) / 2, 7)
  return { verdict, widthPx, dash: dashOf(edge, verdict), lock: edge.mtls }
}

function dashOf({ protocol }: GraphEdge, verdict: Verdict): EdgeLook['dash'] {
  if (verdict === 'denied') return 'denied'
  if (verdict === 'quiet') return 'quiet'
  return protocol === 'tcp' ? 'tcp' : 'solid'
}

/** What is written at an edge; empty for nothing. Refusals are written whatever was chosen, except nothing. */
export function edgeText(edge: GraphEdge, choice: EdgeLabel): string {
  if (choice === 'none') return ''
  const denied = edge.denied > 0 ? `${edge.denied} denied` : ''
  const number = isAllRefused(edge) ? '' : numberText(edge, choice)
  return [number, denied].filter(text => text !== '').join(' · ')
}

function numberText({ golden, tcp, protocol }: GraphEdge, choice: Exclude<EdgeLabel, 'none'>): string {
  if (protocol === 'tcp') {
    const bytes = (tcp.readBytesPerSecond ?? 0) + (tcp.writeBytesPerSecond ?? 0)
    return choice === 'rps' ? quantityText(byteRate(bytes)) : ''
  }
  if ((golden.requests ?? 0) === 0) return ''
  switch (choice) {
    case 'rps':
      return quantityText(requestRate(golden.rps))
    case 'success':
      return quantityText(percent(golden.successRate))
    case 'p95':
      return golden.latencyMs.p95 === null ? '' : quantityText(latency(golden.latencyMs.p95))
  }
}
