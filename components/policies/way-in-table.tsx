'use client'

import type { Column } from '#components/ui/data-table.tsx'
import { Hint } from '#components/ui/hint.tsx'
import { Quiet, RowName } from '#components/ui/row-name.tsx'
import { SortableTable } from '#components/ui/sortable-table.tsx'
import type { PolicyRow, WayIn } from '#lib/api/policies.ts'
import { goldenColumns } from './number-cells.tsx'
import { clientWords, serverWords } from './policy-words.ts'

interface WayInRow extends WayIn {
  readonly id: string
  readonly port: PolicyRow
}

const columns: readonly Column<WayInRow>[] = [
  {
    id: 'authorization',
    heading: 'Authorization',
    width: 'name',
    cell: row => (
      <RowName below={`${portWords(row)} · ${clientsOf(row)}`}>
        <Hint words={`${row.authorization.kind}/${row.authorization.name}`}>
          <Quiet>{row.authorization.kind}/</Quiet>
          <wbr />
          {row.authorization.name}
        </Hint>
      </RowName>
    ),
    sortBy: ({ authorization, port }) => `${port.id} ${authorization.name}`,
  },
  {
    id: 'port',
    heading: 'For',
    meaning: 'The port, and the HTTPRoute if there is one',
    width: 'name',
    leaves: 'middling',
    cell: row => <Hint words={portWords(row)}>{portWords(row)}</Hint>,
    sortBy: portWords,
  },
  {
    id: 'clients',
    heading: 'Lets in',
    width: 'words',
    leaves: 'middling',
    cell: row => <Hint words={row.clients.join('\n')}>{clientsOf(row)}</Hint>,
    sortBy: clientsOf,
  },
  ...goldenColumns,
]

function portWords({ port, route }: WayInRow): string {
  return `${port.namespace}/${serverWords(port)}:${port.port}${route === null ? '' : ` · ${route.name}`}`
}

function clientsOf({ clients }: WayInRow): string {
  return clients.map(clientWords).join(', ') || 'not written any more'
}

/** What came in by each authorization. */
export function WayInTable({ ports }: { readonly ports: readonly PolicyRow[] }) {
  const rows = ports.flatMap(port =>
    port.waysIn.map(way => ({
      ...way,
      id: `${port.id} ${way.route?.name ?? ''} ${way.authorization.kind}/${way.authorization.name}`,
      port,
    })),
  )
  return (
    <SortableTable
      param="sort-authorizations"
      caption="Authorizations: what came in by each"
      columns={columns}
      rows={rows}
      toneOf={({ golden }) => (golden.requests ? 'plain' : 'quiet')}
      empty="Nobody is let in"
    />
  )
}
