'use client'

import { useMemo } from 'react'
import { type Condition, conditionOf } from '#components/golden/condition.ts'
import {
  byteColumns,
  connectionsColumn,
  latencyColumns,
  meshedColumn,
  mtlsColumn,
  requestRateColumn,
  successColumn,
} from '#components/golden/golden-columns.tsx'
import { ResourceLink } from '#components/golden/resource-link.tsx'
import { Card } from '#components/ui/card.tsx'
import { CopyLine } from '#components/ui/copy-line.tsx'
import { type Column, DataTable, type RowTone } from '#components/ui/data-table.tsx'
import type { GoldenRow } from '#lib/api/golden.ts'

interface Row {
  readonly id: string
  readonly row: GoldenRow
}

const numbers = [
  requestRateColumn,
  successColumn,
  ...latencyColumns,
  mtlsColumn,
  connectionsColumn,
  ...byteColumns,
]

function nameColumn(heading: string, bare: boolean): Column<Row> {
  return {
    id: 'name',
    heading,
    width: 'name',
    cell: ({ row }) => <ResourceLink resource={row.resource} bare={bare} />,
    sortBy: ({ row }) => row.id,
  }
}

const columns = {
  pods: [nameColumn('Pod', true), meshedColumn, ...numbers],
  workloads: [nameColumn('Workload', false), meshedColumn, ...numbers],
  callers: [nameColumn('From', false), ...numbers],
  // A proxy counts connections and mTLS by peer, not by route.
  routeCallers: [nameColumn('From', false), requestRateColumn, successColumn, ...latencyColumns],
} satisfies Record<string, readonly Column<Row>[]>

const tones: Readonly<Record<Condition, RowTone>> = {
  busy: 'plain',
  sending: 'plain',
  idle: 'quiet',
  unmeshed: 'hatched',
  unanswered: 'quiet',
}

interface GoldenTableProps {
  readonly title: string
  readonly aside: string
  readonly of: keyof typeof columns
  /** `null` while loading. */
  readonly rows: readonly GoldenRow[] | null
  /** Said when there is none. */
  readonly empty: string
  readonly command: string
}

/** The golden metrics of several resources that belong to the page's own. */
export function GoldenTable({ title, aside, of, rows, empty, command }: GoldenTableProps) {
  const shown = useMemo(() => rows?.map(row => ({ id: row.id, row })) ?? null, [rows])
  return (
    <Card title={title} aside={rows === null || rows.length === 0 ? aside : `${rows.length} · ${aside}`}>
      <DataTable
        caption={`${title}: ${aside}`}
        columns={columns[of]}
        rows={shown}
        toneOf={({ row }) => tones[conditionOf(row)]}
        empty={empty}
      />
      <CopyLine command={command} />
    </Card>
  )
}
