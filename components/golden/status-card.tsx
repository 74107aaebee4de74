import { QuantityText } from '#components/ui/quantity.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import type { StatusRow } from '#lib/api/statuses.ts'
import { amount, percent } from '#lib/metrics/format.ts'
import styles from './status-card.module.css'

const mostShown = 6

const marks = { success: '●', failure: '■', refusal: '⊘' } as const
const meanings = {
  success: 'Counted as success',
  failure: 'Counted as failure',
  refusal: 'What policy refused is answered like this, and is no success',
} as const

/** Whether policy answers like this. */
function isRefusal({ status, grpcStatus }: StatusRow): boolean {
  return status === '403' || grpcStatus === '7'
}

interface StatusCardProps {
  /** `null` while loading. */
  readonly rows: readonly StatusRow[] | null
  /** How many requests policy refused. */
  readonly denied: number
  /** Why there is nothing to show, when there is nothing. */
  readonly none: string
}

/** What requests were answered: each status with how often and its share; rare ones beyond six are summed. */
export function StatusCard({ rows, denied, none }: StatusCardProps) {
  const sorted = rows?.toSorted((a, b) => b.requests - a.requests)
  const total = sorted?.reduce((sum, row) => sum + row.requests, 0) ?? 0
  // A line that stands for one status takes as much room as that status.
  const shown = sorted !== undefined && sorted.length > mostShown + 1 ? mostShown : mostShown + 1
  const rest = sorted?.slice(shown) ?? []
  const restRequests = rest.reduce((sum, row) => sum + row.requests, 0)
  return (
    <article className={styles.card} aria-label="Status codes">
      <h3 className={styles.title}>Status codes</h3>
      {sorted === undefined ? (
        <Skeleton size="long" />
      ) : total === 0 ? (
        <p className={styles.none}>{none}</p>
      ) : (
        <table className={styles.statuses}>
          <thead>
            <tr>
              <th scope="col">Status</th>
              <th scope="col">Share</th>
              <th scope="col">Requests</th>
            </tr>
          </thead>
          <tbody>
            {sorted.slice(0, shown).map(row => {
              const kind = denied > 0 && isRefusal(row) ? 'refusal' : row.classification
              return (
                <tr key={row.id} className={styles[kind]}>
                  <th scope="row" aria-description={meanings[kind]}>
                    <span className={styles.mark} aria-hidden="true">
                      {marks[kind]}
                    </span>
                    {row.grpcStatus === undefined ? row.status : `grpc ${row.grpcStatus}`}
                  </th>
                  <Share ratio={row.requests / total} />
                  <td>
                    <QuantityText of={amount(row.requests, '')} />
                  </td>
                </tr>
              )
            })}
            {rest.length > 0 && (
              <tr aria-description={rest.map(({ status, requests }) => `${status}: ${requests}`).join('\n')}>
                <th scope="row">{rest.length} more</th>
                <Share ratio={restRequests / total} />
                <td>
                  <QuantityText of={amount(restRequests, '')} />
                </td>
              </tr>
            )}
          </tbody>
        </table>
      )}
    </article>
  )
}

function Share({ ratio }: { readonly ratio: number }) {
  return (
    <td className={styles.share}>
      <span className={styles.bar} style={{ width: `${ratio * 100}%` }} />
      <span className={styles.words}>
        <QuantityText of={percent(ratio)} align={{ decimals: 2, unit: 'share' }} />
      </span>
    </td>
  )
}
