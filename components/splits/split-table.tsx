'use client'

import type { ReactNode } from 'react'
import { quantileColumns } from '#components/golden/quantile-columns.tsx'
import { ResourceLink } from '#components/golden/resource-link.tsx'
import { SuccessRate } from '#components/golden/success-rate.tsx'
import { Badge } from '#components/ui/badge.tsx'
import { Card } from '#components/ui/card.tsx'
import { CardNote } from '#components/ui/card-note.tsx'
import { CopyLine } from '#components/ui/copy-line.tsx'
import type { Column } from '#components/ui/data-table.tsx'
import { Hint } from '#components/ui/hint.tsx'
import { QuantityText } from '#components/ui/quantity.tsx'
import { Quiet, RowName } from '#components/ui/row-name.tsx'
import { SortableTable } from '#components/ui/sortable-table.tsx'
import type { SplitRow } from '#lib/api/splits.ts'
import { percent, quantityText, requestRate } from '#lib/metrics/format.ts'
import { isByChance } from './share-verdict.ts'
import styles from './splits.module.css'

const uncounted = 'No proxy of a caller answered'
const unused = 'No request in this time'
const reasonOf = ({ golden }: SplitRow): string => (golden.requests === null ? uncounted : unused)

const columns: readonly Column<SplitRow>[] = [
  {
    id: 'leaf',
    heading: 'Backend',
    meaning: 'The service that answers',
    width: 'name',
    cell: row => (
      <RowName
        belowFrom="minor"
        below={
          <>
            of {row.apex}
            <span className={styles.below}>
              {' '}
              · {quantityText(percent(row.asked))} asked · {quantityText(requestRate(row.golden.rps))}
            </span>
          </>
        }
      >
        <ResourceLink resource={leafOf(row)} bare />
      </RowName>
    ),
    sortBy: row => row.id,
  },
  {
    id: 'apex',
    heading: 'Of',
    meaning: 'The service that callers ask for, and what splits it',
    width: 'name',
    leaves: 'minor',
    cell: ({ apex, namespace, split }) => (
      <RowName>
        <ResourceLink resource={{ namespace, kind: 'service', name: apex }} bare />
        {split !== apex && (
          <Hint words={`The TrafficSplit ${namespace}/${split} splits it`}>
            <Quiet>by {split}</Quiet>
          </Hint>
        )}
      </RowName>
    ),
    sortBy: ({ apex, namespace }) => `${namespace}/${apex}`,
  },
  {
    id: 'weight',
    heading: 'Weight',
    meaning: 'As it is written',
    width: 'short',
    leaves: 'minor',
    cell: ({ weight }) => String(weight),
    sortBy: ({ weight }) => weight,
  },
  {
    id: 'asked',
    heading: 'Asked',
    meaning: 'Its share of all weights',
    width: 'number',
    leaves: 'middling',
    cell: ({ asked }) => (
      <QuantityText
        of={percent(asked)}
        align={{ decimals: 2, unit: 'share' }}
        {...(asked === null ? { reason: 'All weights are 0' } : {})}
      />
    ),
    sortBy: ({ asked }) => asked,
  },
  {
    id: 'share',
    heading: 'Share',
    meaning: 'The share of requests seen, as a bar; the line across it is the share asked',
    width: 'short',
    leaves: 'middling',
    cell: row => <ShareBar of={row} />,
  },
  {
    id: 'seen',
    heading: 'Seen',
    meaning: 'Its share of the requests that callers sent',
    width: 'number',
    cell: row => <Seen of={row} />,
    sortBy: ({ seen }) => seen,
  },
  {
    id: 'rps',
    heading: 'RPS',
    meaning: 'Requests per second, every attempt',
    width: 'narrow',
    leaves: 'middling',
    cell: row => (
      <QuantityText
        of={requestRate(row.golden.rps)}
        align={{ decimals: 1, unit: 'rate' }}
        {...(row.golden.rps === null ? { reason: uncounted } : {})}
      />
    ),
    sortBy: ({ golden }) => golden.rps,
  },
  {
    id: 'success',
    heading: 'Success',
    meaning: 'Successful responses, of all',
    width: 'number',
    cell: row => <SuccessRate ratio={row.golden.successRate} aligned reason={reasonOf(row)} />,
    sortBy: ({ golden }) => golden.successRate,
  },
  ...quantileColumns<SplitRow>({ latencyIn: ({ golden }) => golden.latencyMs, reasonOf, p95Stays: false }),
]

interface SplitTableProps {
  /** `null` while loading. */
  readonly rows: readonly SplitRow[] | null
  /** What the numbers leave out. */
  readonly notes?: ReactNode
  readonly command: string
}

/** The backends of every split: the share asked for each, the share seen, and how it goes. */
export function SplitTable({ rows, notes, command }: SplitTableProps) {
  return (
    <Card title="Backends" aside={rows === null ? undefined : rows.length} tools={notes}>
      <SortableTable
        param="sort"
        caption="Backends of each split, with the share asked and the share seen"
        columns={columns}
        rows={rows}
        toneOf={({ golden }) => (golden.requests ? 'plain' : 'quiet')}
      />
      <CardNote>
        Each request is sent by chance, by weight: of few requests the shares seen are near those asked, of
        many they agree. ≠ marks one that chance does not explain.
      </CardNote>
      <CopyLine command={command} />
    </Card>
  )
}

function leafOf({ leaf, namespace }: SplitRow) {
  const [name = leaf, other] = leaf.split('.')
  return { namespace: other ?? namespace, kind: 'service', name }
}

function ShareBar({ of: { asked, seen } }: { readonly of: SplitRow }) {
  return (
    <span className={styles.share} aria-hidden="true">
      <span className={styles.bar}>
        {seen !== null && <span className={styles.seen} style={{ width: `${seen * 100}%` }} />}
        {asked !== null && <span className={styles.asked} style={{ left: `${asked * 100}%` }} />}
      </span>
    </span>
  )
}

function Seen({ of: row }: { readonly of: SplitRow }) {
  const { asked, golden, seen, total } = row
  const isOff = isByChance(asked, seen, total ?? 0) === false
  return (
    <>
      {isOff && (
        <Badge
          tone="warn"
          reason={`${quantityText(percent(asked))} was asked: chance does not explain the difference. Were weights changed in this time, or is a backend without endpoints?`}
        >
          ≠
        </Badge>
      )}{' '}
      <QuantityText
        of={percent(seen)}
        align={{ decimals: 2, unit: 'share' }}
        {...(seen === null ? { reason: golden.requests === null ? uncounted : unused } : {})}
      />
    </>
  )
}
