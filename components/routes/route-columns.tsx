import { quantileColumns } from '#components/golden/quantile-columns.tsx'
import { SuccessRate } from '#components/golden/success-rate.tsx'
import { Badge } from '#components/ui/badge.tsx'
import type { Column } from '#components/ui/data-table.tsx'
import { Hint } from '#components/ui/hint.tsx'
import { QuantityText } from '#components/ui/quantity.tsx'
import { Quiet, RowName } from '#components/ui/row-name.tsx'
import type { RouteRow } from '#lib/api/routes.ts'
import { requestRate } from '#lib/metrics/format.ts'
import { defaultMeaning, defaultRoute } from './default-route.ts'
import { isRetried } from './is-retried.ts'
import styles from './routes.module.css'
import { timeoutText } from './timeout-text.ts'

const uncounted = 'No proxy of a caller counted it: is any of its callers meshed?'
const unused = 'No request in this time'

function reasonOf({ effective }: RouteRow): string {
  return effective.requests === null ? uncounted : unused
}

const nameCell = (withService: boolean) => (row: RouteRow) => (
  <RowName>
    <Hint className={styles.name} words={row.route === defaultRoute ? defaultMeaning : row.route}>
      {row.route}
    </Hint>
    {withService && (
      <span className={styles.service}>
        {row.namespace}/<wbr />
        {row.service}
      </span>
    )}
  </RowName>
)

function nameColumn(withService: boolean): Column<RouteRow> {
  return {
    id: 'route',
    heading: 'Route',
    width: 'name',
    cell: nameCell(withService),
    // Requests that match no route stand below those that do.
    sortBy: row => `${row.namespace}/${row.service} ${row.route === defaultRoute ? '\uffff' : row.route}`,
  }
}

const numberColumns: readonly Column<RouteRow>[] = [
  {
    id: 'rps',
    heading: 'RPS',
    meaning: 'Requests per second, as clients sent them',
    width: 'narrow',
    cell: row => (
      <QuantityText
        of={requestRate(row.effective.rps)}
        align={{ decimals: 1, unit: 'rate' }}
        {...(row.effective.rps === null ? { reason: uncounted } : {})}
      />
    ),
    sortBy: row => row.effective.rps,
  },
  {
    id: 'success',
    heading: 'Success',
    meaning: 'Effective success: what clients saw, after retries',
    width: 'number',
    cell: row => <SuccessRate ratio={row.effective.successRate} aligned reason={reasonOf(row)} />,
    sortBy: row => row.effective.successRate,
  },
  ...quantileColumns<RouteRow>({
    latencyIn: ({ effective }) => effective.latencyMs,
    reasonOf,
    p95Stays: true,
  }),
  {
    id: 'actual-rps',
    heading: 'Actual RPS',
    meaning: 'Attempts per second, retries included; = when there were none',
    width: 'number',
    leaves: 'minor',
    cell: row =>
      isRetried(row) ? (
        <QuantityText of={requestRate(row.actual.rps)} align={{ decimals: 1, unit: 'rate' }} />
      ) : (
        <Same row={row} />
      ),
    sortBy: row => row.actual.rps,
  },
  {
    id: 'actual-success',
    heading: 'Actual success',
    meaning: 'Successful attempts, of all attempts; = when nothing was retried',
    width: 'number',
    leaves: 'minor',
    cell: row =>
      isRetried(row) ? (
        <SuccessRate ratio={row.actual.successRate} aligned reason={reasonOf(row)} />
      ) : (
        <Same row={row} />
      ),
    sortBy: row => row.actual.successRate,
  },
  {
    id: 'retryable',
    heading: 'Retries',
    meaning: 'Whether the profile lets failed requests be sent again',
    width: 'short',
    leaves: 'middling',
    cell: ({ retryable }) =>
      retryable ? (
        <Badge reason="Failed requests are sent again, as far as the retry budget reaches">retryable</Badge>
      ) : (
        <Quiet>no</Quiet>
      ),
    sortBy: ({ retryable }) => (retryable ? 1 : 0),
  },
  {
    id: 'timeout',
    heading: 'Timeout',
    meaning: 'After this long the profile gives a request up',
    width: 'short',
    leaves: 'middling',
    cell: ({ timeoutMs }) =>
      timeoutMs === null ? (
        <Hint words="The profile sets none for this route">
          <Quiet>none</Quiet>
        </Hint>
      ) : (
        timeoutText(timeoutMs)
      ),
    sortBy: row => row.timeoutMs,
  },
]

/** The columns of routes; with the service beside the name where there are routes of several. */
export const routeColumns: Readonly<Record<'ofOne' | 'ofMany', readonly Column<RouteRow>[]>> = {
  ofOne: [nameColumn(false), ...numberColumns],
  ofMany: [nameColumn(true), ...numberColumns],
}

function Same({ row }: { readonly row: RouteRow }) {
  return row.actual.requests === null ? (
    <QuantityText of={requestRate(null)} reason={uncounted} />
  ) : (
    <Hint words="The same as effective: nothing was retried">
      <Quiet>=</Quiet>
    </Hint>
  )
}
