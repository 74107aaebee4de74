import type { Golden } from '#lib/api/common.ts'
import type { Edge } from '#lib/api/edges.ts'
import { mtlsReason } from '#lib/api/mtls-reasons.ts'
import { percentDigits } from '#lib/metrics/format.ts'
import { latencyText, rateText, ratioText, shown } from './number-text.ts'
import { type TableColumn, tableText } from './table.ts'

/** An edge as it is printed; `reason` is empty only when it is secured. Numbers are unrounded. */
export interface EdgeLine {
  readonly src: string
  readonly dst: string
  readonly srcNamespace: string
  readonly dstNamespace: string
  readonly clientId: string
  readonly serverId: string
  readonly reason: string
  readonly golden: Golden
  readonly denied: number
}

/** Edges in the order given. Identities are cut to `account.namespace` while all are of one trust domain. */
export function edgeLines(edges: readonly Edge[]): EdgeLine[] {
  const ids = edges.flatMap(edge => [edge.clientId, edge.serverId]).filter(id => id !== '')
  const domains = new Set(ids.map(id => id.split('.').slice(2).join('.')))
  const shorten = (id: string): string => (domains.size > 1 ? id : id.split('.').slice(0, 2).join('.'))
  return edges.map(edge => ({
    src: edge.source.name,
    dst: edge.destination.name,
    srcNamespace: edge.source.namespace,
    dstNamespace: edge.destination.namespace,
    clientId: shorten(edge.clientId),
    serverId: shorten(edge.serverId),
    reason: edge.secured ? '' : reasonText(edge),
    golden: edge.golden,
    denied: edge.denied,
  }))
}

/** Lines as Linkerd prints them; when `wide` with identities and golden metrics. */
export function edgesTable(lines: readonly EdgeLine[], wide: boolean, colours: boolean): string {
  const column = (
    heading: string,
    cell: (line: EdgeLine) => string,
    align: 'left' | 'right' = 'left',
  ): TableColumn<EdgeLine> => ({ heading, align, cell })
  const number = (heading: string, cell: (line: EdgeLine) => string) => column(heading, cell, 'right')
  const secured = colours ? '\u001b[32m√\u001b[0m' : '√'
  return tableText(
    [
      column('SRC', line => line.src),
      column('DST', line => line.dst),
      column('SRC_NS', line => line.srcNamespace || '-'),
      column('DST_NS', line => line.dstNamespace || '-'),
      ...(wide
        ? [
            column('CLIENT_ID', line => line.clientId || '-'),
            column('SERVER_ID', line => line.serverId || '-'),
            number('RPS', ({ golden }) => shown(golden.requests === 0 ? null : golden.rps, rateText)),
            number('SUCCESS', ({ golden }) => shown(golden.successRate, ratioText)),
            number('LATENCY_P50', ({ golden }) => shown(golden.latencyMs.p50, latencyText)),
            number('LATENCY_P95', ({ golden }) => shown(golden.latencyMs.p95, latencyText)),
            number('LATENCY_P99', ({ golden }) => shown(golden.latencyMs.p99, latencyText)),
            number('DENIED', ({ denied }) => `${denied}`),
          ]
        : []),
      column('SECURED', line => (line.reason === '' ? secured : line.reason)),
    ],
    lines,
  )
}

/** Why an edge is not secured, never empty. A reason nobody documented is printed as it came. */
function reasonText({ reasons, mtls, mtlsRatio }: Edge): string {
  const words = reasons.map(reason => mtlsReason(reason).words).join(', ')
  switch (mtls) {
    case 'all':
    case 'unknown':
      return words || 'Unknown'
    case 'none':
      return words || 'Not Secured'
    case 'some': {
      const share = mtlsRatio === null ? 'Partly' : `${percentDigits(mtlsRatio)}%`
      return words === '' ? `${share} Secured` : `${share} Secured: ${words}`
    }
  }
}
