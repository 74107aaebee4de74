'use client'

import { useMemo } from 'react'
import { conditionOf } from '#components/golden/condition.ts'
import {
  byteColumns,
  connectionsColumn,
  latencyColumns,
  meshedColumn,
  mtlsColumn,
  requestRateColumn,
  successColumn,
} from '#components/golden/golden-columns.tsx'
import { Card } from '#components/ui/card.tsx'
import { CopyLine } from '#components/ui/copy-line.tsx'
import { type Column, DataTable } from '#components/ui/data-table.tsx'
import { resourcePath } from '#components/ui/page-path.ts'
import type { GoldenRow } from '#lib/api/golden.ts'

interface NamespaceRow {
  readonly id: string
  readonly row: GoldenRow
}

const columns: readonly Column<NamespaceRow>[] = [
  { id: 'name', heading: 'Namespace', width: 'name', cell: ({ row }) => row.resource.name },
  meshedColumn,
  requestRateColumn,
  successColumn,
  ...latencyColumns,
  mtlsColumn,
  connectionsColumn,
  ...byteColumns,
]

interface NamespaceTableProps {
  /** `null` while loading. */
  readonly rows: readonly GoldenRow[] | null
  readonly windowFlag: string
}

/** Every namespace with what its workloads received. */
export function NamespaceTable({ rows, windowFlag }: NamespaceTableProps) {
  const namespaces = useMemo(() => rows?.map(row => ({ id: row.id, row })) ?? null, [rows])
  return (
    <Card title="Namespaces" aside={rows === null ? undefined : rows.length}>
      <DataTable
        caption="Golden metrics of each namespace"
        columns={columns}
        rows={namespaces}
        linkOf={({ row }) => resourcePath(row.resource)}
        toneOf={({ row }) => (conditionOf(row) === 'unmeshed' ? 'hatched' : 'plain')}
      />
      {rows !== null && <CopyLine command={`meshscope stat ns${windowFlag} --unmeshed`} />}
    </Card>
  )
}
