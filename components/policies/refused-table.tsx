'use client'

import { ResourceLink } from '#components/golden/resource-link.tsx'
import type { Column } from '#components/ui/data-table.tsx'
import { Hint } from '#components/ui/hint.tsx'
import { PageLink } from '#components/ui/page-link.tsx'
import { QuantityText } from '#components/ui/quantity.tsx'
import { RowName } from '#components/ui/row-name.tsx'
import { SortableTable } from '#components/ui/sortable-table.tsx'
import type { PolicyRow, RefusedSource } from '#lib/api/policies.ts'
import { amount } from '#lib/metrics/format.ts'
import { shortKind } from '#lib/resources/kinds.ts'
import styles from './policies.module.css'
import { clientWords, refusalWords, serverWords } from './policy-words.ts'

interface RefusedRow extends RefusedSource {
  readonly id: string
  readonly port: PolicyRow
}

const count = (
  id: 'denied' | 'limited' | 'unrouted',
  heading: string,
  meaning: string,
): Column<RefusedRow> => ({
  id,
  heading,
  meaning,
  width: 'short',
  leaves: id === 'denied' ? 'middling' : 'minor',
  cell: row => <QuantityText of={amount(row[id], '')} />,
  sortBy: row => row[id],
})

const columns: readonly Column<RefusedRow>[] = [
  {
    id: 'source',
    heading: 'Who',
    meaning: 'Who was refused',
    width: 'name',
    cell: row => (
      <RowName below={`${portWords(row)} · ${refusalWords(row, row.port)}`}>
        <ResourceLink resource={row.source} />
      </RowName>
    ),
    sortBy: ({ source }) => `${source.namespace}/${source.name}`,
  },
  {
    id: 'client',
    heading: 'As',
    meaning: 'The identity it showed, else its address',
    width: 'words',
    leaves: 'minor',
    cell: ({ client }) => <Hint words={client}>{clientWords(client) || '–'}</Hint>,
    sortBy: ({ client }) => clientWords(client),
  },
  {
    id: 'port',
    heading: 'At',
    meaning: 'The port, and the HTTPRoute if there is one',
    width: 'name',
    leaves: 'middling',
    cell: row => <Hint words={portWords(row)}>{portWords(row)}</Hint>,
    sortBy: portWords,
  },
  {
    id: 'why',
    heading: 'Why',
    width: 'name',
    leaves: 'middling',
    cell: row => <Hint words={refusalWords(row, row.port)}>{refusalWords(row, row.port)}</Hint>,
    sortBy: row => refusalWords(row, row.port),
  },
  {
    id: 'refused',
    heading: 'Refused',
    meaning: 'Requests and connections, for whatever reason',
    width: 'short',
    cell: row => <QuantityText of={amount(row.denied + row.limited + row.unrouted, '')} />,
    sortBy: row => row.denied + row.limited + row.unrouted,
  },
  count('denied', 'Denied', 'Requests and connections that no authorization lets in'),
  count('limited', 'Limited', 'Requests over the rate limit'),
  count('unrouted', 'No route', 'Requests that no HTTPRoute takes'),
  {
    id: 'links',
    heading: 'See',
    width: 'number',
    cell: row => (
      <span className={styles.links}>
        <PageLink to={`/edges?filter=denied&find=${encodeURIComponent(row.source.name)}`}>edges</PageLink>
        <PageLink to={tapPath(row)}>tap</PageLink>
      </span>
    ),
  },
]

function portWords({ port, route }: RefusedRow): string {
  return `${port.namespace}/${serverWords(port)}:${port.port}${route === null ? '' : ` · ${route.name}`}`
}

/** A tap of the workload that refused. */
function tapPath({ port }: RefusedRow): string {
  const [workload] = port.workloads
  if (workload === undefined) return '/tap'
  const resource = `${shortKind(workload.kind)}/${workload.name}`
  return `/tap?${new URLSearchParams({ namespace: workload.namespace, resource })}`
}

/** Who was refused, where and why. */
export function RefusedTable({ ports }: { readonly ports: readonly PolicyRow[] }) {
  const rows = ports.flatMap(port =>
    port.refused.map(refused => ({
      ...refused,
      id: `${port.id} ${refused.route?.name ?? ''} ${refused.client} ${refused.tls}`,
      port,
    })),
  )
  return (
    <SortableTable
      param="sort-refused"
      caption="Who was refused, where and why"
      columns={columns}
      rows={rows}
      toneOf={() => 'plain'}
      empty="Policy refused nobody in this time"
    />
  )
}
