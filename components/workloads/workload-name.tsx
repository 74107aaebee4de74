import { conditionOf, missingReason } from '#components/golden/condition.ts'
import { Badge } from '#components/ui/badge.tsx'
import { Hint } from '#components/ui/hint.tsx'
import type { GoldenRow } from '#lib/api/golden.ts'
import { amount, quantityText } from '#lib/metrics/format.ts'
import styles from './workload-name.module.css'

/** A workload's namespace, name and kind, and what is unusual about it. */
export function WorkloadName({ row }: { readonly row: GoldenRow }) {
  const { namespace, name, kind } = row.resource
  return (
    <span className={styles.name}>
      <Hint className={styles.words} words={`${namespace}/${kind}/${name}`}>
        <span className={styles.namespace}>{namespace}/</span>
        <span className={styles.own}>{name}</span>
      </Hint>
      <span className={styles.kind}>{kind}</span>
      <ConditionBadge row={row} />
    </span>
  )
}

function ConditionBadge({ row }: { readonly row: GoldenRow }) {
  const condition = conditionOf(row)
  const denied = row.denied ?? 0
  switch (condition) {
    case 'unmeshed':
      return (
        <Badge tone="dashed" reason={missingReason.unmeshed}>
          not meshed
        </Badge>
      )
    case 'unanswered':
      return (
        <Badge tone="warn" reason={missingReason.unanswered}>
          no answer
        </Badge>
      )
    case 'sending':
      return (
        <Badge reason="It received no request in this window: its numbers are of the requests it sent">
          sends only
        </Badge>
      )
    case 'idle':
      return <Badge reason={missingReason.idle}>idle</Badge>
    case 'busy':
      return denied > 0 ? (
        <Badge tone="bad" reason="Requests and connections that policy refused in this window">
          ⊘ {quantityText(amount(denied, ''))} denied
        </Badge>
      ) : null
  }
}
