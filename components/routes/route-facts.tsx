import { SuccessRate } from '#components/golden/success-rate.tsx'
import { Badge } from '#components/ui/badge.tsx'
import { Hint } from '#components/ui/hint.tsx'
import { QuantityText } from '#components/ui/quantity.tsx'
import type { RouteRow } from '#lib/api/routes.ts'
import { requestRate } from '#lib/metrics/format.ts'
import { isRetried } from './is-retried.ts'
import styles from './routes.module.css'
import { timeoutText } from './timeout-text.ts'

interface RouteFactsProps {
  /** `null` while loading, and for a route the profile does not name. */
  readonly row: RouteRow | null
}

/** What the profile says of a route, and the attempts where they are not what clients saw. */
export function RouteFacts({ row }: RouteFactsProps) {
  return (
    <>
      <Badge>route</Badge>
      {row && (
        <>
          <span className={styles.fact}>
            timeout {row.timeoutMs === null ? 'none' : timeoutText(row.timeoutMs)}
          </span>
          <span className={styles.fact}>{row.retryable ? 'retryable' : 'not retried'}</span>
          {isRetried(row) && (
            <Hint className={styles.fact} words="Every attempt, before retries made up for it">
              actual <QuantityText of={requestRate(row.actual.rps)} />{' '}
              <SuccessRate ratio={row.actual.successRate} />
            </Hint>
          )}
        </>
      )}
    </>
  )
}
