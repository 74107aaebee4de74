import type { Golden } from '#lib/api/common.ts'
import type { PolicyRow } from '#lib/api/policies.ts'
import { latencyText, rateText, ratioText, shown } from './number-text.ts'
import { serverText } from './policies-table.ts'
import { type TableColumn, tableText } from './table.ts'

/** What came in to one route of a server by one authorization, or was refused there. */
export interface AuthzLine {
  readonly route: string
  readonly server: string
  /** `kind/name`; empty where nobody is let in. */
  readonly authorization: string
  /** Requests per second that the route of the server refused. */
  readonly unauthorized: number | null
  readonly golden: Golden | null
}

/** Ordered by server, route and authorization. What a route refused stands with each of its authorizations. */
export function authzLines(rows: readonly PolicyRow[]): AuthzLine[] {
  return rows.flatMap(linesOf).toSorted((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
}

function linesOf(row: PolicyRow): AuthzLine[] {
  const server = serverText(row)
  const refusedOf = (route: string): number | null => {
    const { count, perSecond } = row.denied
    if (count === null || perSecond === null || count === 0) return perSecond
    const refused = row.refused.filter(one => (one.route?.name ?? '') === route)
    return (perSecond * refused.reduce((sum, { denied }) => sum + denied, 0)) / count
  }
  const nameOf = (route: string): string => route || 'default'
  const lines = row.waysIn.map(({ authorization, golden, route }) => ({
    route: nameOf(route?.name ?? ''),
    server,
    authorization: `${authorization.kind}/${authorization.name}`,
    unauthorized: refusedOf(route?.name ?? ''),
    golden,
  }))
  const told = new Set(lines.map(({ route }) => route))
  const refused = new Set(row.refused.flatMap(({ denied, route }) => (denied > 0 ? [route?.name ?? ''] : [])))
  const others = [...refused].filter(route => !told.has(nameOf(route)))
  return [
    ...lines,
    ...others.map(route => ({
      route: nameOf(route),
      server,
      authorization: '',
      unauthorized: refusedOf(route),
      golden: null,
    })),
  ]
}

function orderOf({ authorization, route, server }: AuthzLine): string {
  return [server, route, authorization].join('\n')
}

/** Lines as `linkerd viz authz` prints them. */
export function authzTable(lines: readonly AuthzLine[]): string {
  const column = (
    heading: string,
    cell: (line: AuthzLine) => string,
    align: 'left' | 'right' = 'right',
  ): TableColumn<AuthzLine> => ({ heading, align, cell })
  const latency = (quantile: 'p50' | 'p95' | 'p99') => (line: AuthzLine) =>
    shown(line.golden?.latencyMs[quantile] ?? null, latencyText)
  return tableText(
    [
      column('ROUTE', line => line.route, 'left'),
      column('SERVER', line => line.server, 'left'),
      column('AUTHORIZATION', line => line.authorization || '-', 'left'),
      column('UNAUTHORIZED', line => shown(line.unauthorized, rateText)),
      column('SUCCESS', line => shown(line.golden?.successRate ?? null, ratioText)),
      column('RPS', line => shown(line.golden?.requests ? line.golden.rps : null, rateText)),
      column('LATENCY_P50', latency('p50')),
      column('LATENCY_P95', latency('p95')),
      column('LATENCY_P99', latency('p99')),
    ],
    lines,
  )
}
