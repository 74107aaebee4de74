import type { RouteRow } from '#lib/api/routes.ts'
import { latencyText, rateText, ratioText, shown } from './number-text.ts'
import { type TableColumn, tableText } from './table.ts'

type Column = TableColumn<RouteRow>

/**
 * Routes as Linkerd prints them, ordered by service and route; when `wide`, attempts beside what came of them, and what
 * the profile says.
 */
export function routesTable(rows: readonly RouteRow[], wide: boolean): string {
  const golden = (prefix: string, of: 'effective' | 'actual'): Column[] => [
    { heading: `${prefix}SUCCESS`, align: 'right', cell: row => shown(row[of].successRate, ratioText) },
    {
      heading: `${prefix}RPS`,
      align: 'right',
      cell: row => shown(row[of].requests === 0 ? null : row[of].rps, rateText),
    },
  ]
  const latency = (quantile: 'p50' | 'p95' | 'p99'): Column => ({
    heading: `LATENCY_${quantile.toUpperCase()}`,
    align: 'right',
    cell: ({ effective }) => shown(effective.latencyMs[quantile], latencyText),
  })
  return tableText(
    [
      { heading: 'ROUTE', align: 'left', cell: row => row.route },
      { heading: 'SERVICE', align: 'left', cell: row => row.service },
      ...(wide
        ? [...golden('EFFECTIVE_', 'effective'), ...golden('ACTUAL_', 'actual')]
        : golden('', 'effective')),
      latency('p50'),
      latency('p95'),
      latency('p99'),
      ...(wide
        ? [
            {
              heading: 'RETRYABLE',
              align: 'left' as const,
              cell: (row: RouteRow) => (row.retryable ? 'yes' : 'no'),
            },
            {
              heading: 'TIMEOUT',
              align: 'right' as const,
              cell: (row: RouteRow) => shown(row.timeoutMs, timeoutMs => `${timeoutMs}ms`),
            },
          ]
        : []),
    ],
    byServiceAndRoute(rows),
  )
}

/** Routes under Linkerd's keys. Numbers are unrounded, `null` where there is none. */
export function routesJson(rows: readonly RouteRow[], withAttempts: boolean): readonly object[] {
  return byServiceAndRoute(rows).map(({ route, service, effective, actual, retryable, timeoutMs }) => ({
    route,
    authority: service,
    ...(withAttempts
      ? {
          effective_success: effective.successRate,
          effective_rps: effective.rps,
          actual_success: actual.successRate,
          actual_rps: actual.rps,
        }
      : {
          success: effective.successRate,
          rps: effective.rps,
          actual_success: actual.successRate,
          actual_rps: actual.rps,
        }),
    latency_ms_p50: effective.latencyMs.p50,
    latency_ms_p95: effective.latencyMs.p95,
    latency_ms_p99: effective.latencyMs.p99,
    retryable,
    timeout_ms: timeoutMs,
  }))
}

function byServiceAndRoute(rows: readonly RouteRow[]): RouteRow[] {
  const order = ({ service, route }: RouteRow): string => `${service}\n${route}`
  return rows.toSorted((a, b) => (order(a) < order(b) ? -1 : 1))
}
