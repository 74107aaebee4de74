import type { PolicyRow, RefusedSource } from '#lib/api/policies.ts'
import { latencyText, rateText, ratioText, shown } from './number-text.ts'
import { type TableColumn, tableText } from './table.ts'

type Align = 'left' | 'right'

function columnsOf<Row>() {
  const column = (heading: string, cell: (row: Row) => string, align: Align = 'left'): TableColumn<Row> => ({
    heading,
    align,
    cell,
  })
  return { column, number: (heading: string, cell: (row: Row) => string) => column(heading, cell, 'right') }
}

/** A Server by its name; a default policy as Linkerd prints it, `default:deny`. */
export function serverText({ server }: Pick<PolicyRow, 'server'>): string {
  if (server.kind === 'server') return server.name
  return `${server.kind}:${server.name === '' ? '-' : server.name}`
}

/** A line for each port, and when `wide` another table of those who were refused. */
export function policiesTable(rows: readonly PolicyRow[], wide: boolean, withNamespace: boolean): string {
  const { column, number } = columnsOf<PolicyRow>()
  const namespace = withNamespace ? [column('NAMESPACE', row => row.namespace)] : []
  const ports = tableText(
    [
      ...namespace,
      column('SERVER', serverText),
      number('PORT', row => row.port),
      column('PROTOCOL', row => row.protocol),
      number('PODS', ({ pods }) => `${pods.meshed}/${pods.total}`),
      number('SUCCESS', ({ allowed }) => shown(allowed.successRate, ratioText)),
      number('ALLOWED', ({ allowed }) => shown(allowed.rps, rateText)),
      number('DENIED', ({ denied }) => shown(denied.perSecond, rateText)),
      number('LIMITED', ({ limited }) => shown(limited.perSecond, rateText)),
      number('NOT_FOUND', ({ unrouted }) => shown(unrouted.perSecond, rateText)),
      ...(wide
        ? [
            number('LATENCY_P50', ({ allowed }: PolicyRow) => shown(allowed.latencyMs.p50, latencyText)),
            number('LATENCY_P99', ({ allowed }: PolicyRow) => shown(allowed.latencyMs.p99, latencyText)),
            column('ROUTES', ({ routes }: PolicyRow) => routes.join(',') || '-'),
            column('RATE_LIMIT', rateLimitText),
          ]
        : []),
    ],
    rows,
  )
  const refused = rows.flatMap(row => row.refused.map(source => ({ ...source, row })))
  if (!wide || refused.length === 0) return ports
  return `${ports}\n${refusedTable(refused, withNamespace)}`
}

function rateLimitText({ rateLimit }: PolicyRow): string {
  if (rateLimit === null) return '-'
  const { name, totalPerSecond, identityPerSecond, overrides } = rateLimit
  const parts = [
    totalPerSecond === null ? '' : `total ${totalPerSecond}/s`,
    identityPerSecond === null ? '' : `identity ${identityPerSecond}/s`,
    overrides === 0 ? '' : `${overrides} overrides`,
  ]
  return `${name} (${parts.filter(part => part !== '').join(', ')})`
}

type RefusedLine = RefusedSource & { readonly row: PolicyRow }

function refusedTable(lines: readonly RefusedLine[], withNamespace: boolean): string {
  const { column, number } = columnsOf<RefusedLine>()
  return tableText(
    [
      ...(withNamespace ? [column('NAMESPACE', ({ row }) => row.namespace)] : []),
      column('SERVER', ({ row }) => serverText(row)),
      column('ROUTE', ({ route }) => route?.name ?? '-'),
      column('REFUSED', ({ source }) =>
        [source.namespace, source.name].filter(part => part !== '').join('/'),
      ),
      // An identity as edges print it: the account and its namespace.
      column('CLIENT', ({ client }) => client.replace(/\.serviceaccount\..*$/, '') || '-'),
      column('TLS', ({ tls }) => tls),
      number('DENIED', ({ denied }) => String(denied)),
      number('LIMITED', ({ limited }) => String(limited)),
      number('NOT_FOUND', ({ unrouted }) => String(unrouted)),
    ],
    lines,
  )
}
