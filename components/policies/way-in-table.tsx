'use client'

import { type Column, DataTable } from '#components/ui/data-table.tsx'
import type { PolicyRow, WayIn } from '#lib/api/policies.ts'
import { goldenColumns } from './number-cells.tsx'
import styles from './policies.module.css'
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
      <>
        <span className={styles.server}>
          <span className={styles.name} title={`${row.authorization.kind}/${row.authorization.name}`}>
            <span className={styles.quiet}>{row.authorization.kind}/</span>
            {row.authorization.name}
          </span>
        </span>
        <span className={styles.below}>
          {portWords(row)} · {clientsOf(row)}
        </span>
      </>
    ),
    sortBy: ({ authorization, port }) => `${port.id} ${authorization.name}`,
  },
  {
    id: 'port',
    heading: 'For',
    meaning: 'The port, and the HTTPRoute if there is one',
    width: 'name',
    leaves: 'middling',
    cell: row => (
      <span className={styles.clients} title={portWords(row)}>
        {portWords(row)}
      </span>
    ),
  },
  {
    id: 'clients',
    heading: 'Lets in',
    width: 'words',
    leaves: 'middling',
    cell: row => (
      <span className={styles.clients} title={row.clients.join('\n')}>
        {clientsOf(row)}
      </span>
    ),
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
    <DataTable
      caption="Authorizations: what came in by each"
      columns={columns}
      rows={rows}
      toneOf={({ golden }) => (golden.requests ? 'plain' : 'quiet')}
      empty="Nobody is let in"
    />
  )
}
