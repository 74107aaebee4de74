'use client'

import { ResourceLink } from '#components/golden/resource-link.tsx'
import { Badge } from '#components/ui/badge.tsx'
import type { Column } from '#components/ui/data-table.tsx'
import { Hint } from '#components/ui/hint.tsx'
import { Quiet, RowName } from '#components/ui/row-name.tsx'
import { SortableTable } from '#components/ui/sortable-table.tsx'
import type { PolicyRow } from '#lib/api/policies.ts'
import { goldenColumns, RefusedRate } from './number-cells.tsx'
import { allowedWords, isOpen, serverWords } from './policy-words.ts'

const columns: readonly Column<PolicyRow>[] = [
  {
    id: 'server',
    heading: 'Port',
    meaning: 'The Server, or default policy, that says who may use it',
    width: 'name',
    cell: row => (
      <RowName below={`${allowedWords(row)} → ${workloadWords(row)}`}>
        <Hint words={`${row.namespace}/${serverWords(row)} :${row.port}`}>
          <Quiet>{row.namespace}/</Quiet>
          <wbr />
          {serverWords(row)}
          <Quiet> :{row.port}</Quiet>
        </Hint>
        {row.server.kind === 'default' && row.server.name !== '' && (
          <Badge tone="dashed" reason="No Server describes this port: the default policy holds">
            default
          </Badge>
        )}
        {row.rateLimit !== null && <RateLimit of={row.rateLimit} />}
      </RowName>
    ),
    sortBy: row => row.id,
  },
  {
    id: 'workloads',
    heading: 'Of',
    meaning: 'The workloads whose pods have this port',
    width: 'words',
    leaves: 'middling',
    sortBy: workloadWords,
    cell: ({ workloads: [first, ...others] }) =>
      first === undefined ? (
        <Hint words="The Server selects no pod">
          <Quiet>no pod</Quiet>
        </Hint>
      ) : (
        <RowName>
          <ResourceLink resource={first} bare />
          {others.length > 0 && (
            <Hint words={others.map(({ name }) => name).join(', ')}>
              <Quiet>+{others.length}</Quiet>
            </Hint>
          )}
        </RowName>
      ),
  },
  {
    id: 'clients',
    heading: 'Lets in',
    meaning: 'Whom policy lets use the port',
    width: 'words',
    leaves: 'middling',
    cell: row => (
      <>
        {isOpen(row) && <span aria-hidden="true">○ </span>}
        <Hint words={allowedWords(row)}>{allowedWords(row)}</Hint>
      </>
    ),
    sortBy: allowedWords,
  },
  ...goldenColumns
    .filter(({ id }) => id !== 'p50' && id !== 'p99')
    .map(
      (column): Column<PolicyRow> => ({
        ...column,
        ...(column.id === 'rps' ? {} : { leaves: column.id === 'success' ? 'middling' : 'minor' }),
        cell: ({ allowed }) => column.cell({ golden: allowed }),
        sortBy: ({ allowed }) => column.sortBy?.({ golden: allowed }) ?? null,
      }),
    ),
  {
    id: 'denied',
    heading: 'Denied',
    meaning: 'Requests and connections per second that no authorization lets in',
    width: 'number',
    cell: ({ denied }) => <RefusedRate of={denied} words="denied" />,
    sortBy: ({ denied }) => denied.count,
  },
  {
    id: 'limited',
    heading: 'Limited',
    meaning: 'Requests per second over the rate limit',
    width: 'number',
    leaves: 'minor',
    cell: ({ limited }) => <RefusedRate of={limited} words="over the rate limit" />,
    sortBy: ({ limited }) => limited.count,
  },
  {
    id: 'unrouted',
    heading: 'No route',
    meaning: 'Requests per second that no HTTPRoute of the port takes',
    width: 'number',
    leaves: 'minor',
    cell: ({ unrouted }) => <RefusedRate of={unrouted} words="without a route" />,
    sortBy: ({ unrouted }) => unrouted.count,
  },
]

function workloadWords({ workloads }: PolicyRow): string {
  const names = workloads.slice(0, 2).map(({ name }) => name)
  if (workloads.length > names.length) names.push(`${workloads.length - names.length} more`)
  return names.join(', ') || 'no pod'
}

interface PortTableProps {
  /** `null` while loading. */
  readonly rows: readonly PolicyRow[] | null
}

/** Each port, whom policy lets use it, and what came of it. */
export function PortTable({ rows }: PortTableProps) {
  return (
    <SortableTable
      param="sort"
      caption="Ports: whom policy lets use each, and what it refused"
      columns={columns}
      rows={rows}
      toneOf={({ allowed, denied, limited, unrouted }) =>
        !allowed.requests && !denied.count && !limited.count && !unrouted.count ? 'quiet' : 'plain'
      }
      empty="No port is named like that"
    />
  )
}

function RateLimit({ of }: { readonly of: NonNullable<PolicyRow['rateLimit']> }) {
  const { name, totalPerSecond, identityPerSecond, overrides } = of
  const limits = [
    totalPerSecond === null ? '' : `${totalPerSecond} requests per second in all`,
    identityPerSecond === null ? '' : `${identityPerSecond} of each identity`,
    overrides === 0 ? '' : `${overrides} ${overrides === 1 ? 'override' : 'overrides'}`,
  ]
  const asked = totalPerSecond ?? identityPerSecond
  return (
    <Badge reason={`${name}: ${limits.filter(text => text !== '').join(', ')}`}>
      {asked === null ? 'limited' : `≤ ${asked}/s`}
    </Badge>
  )
}
