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

interface NamedRow {
  readonly id: string
  readonly row: GoldenRow
}

const words = {
  service: { title: 'Services', heading: 'Service' },
  pod: { title: 'Pods', heading: 'Pod' },
} as const

const numberColumns: readonly Column<NamedRow>[] = [
  meshedColumn,
  requestRateColumn,
  successColumn,
  ...latencyColumns,
  mtlsColumn,
  connectionsColumn,
  ...byteColumns,
]

const columnsOf: Readonly<Record<keyof typeof words, readonly Column<NamedRow>[]>> = {
  service: [nameColumn('service'), ...numberColumns],
  pod: [nameColumn('pod'), ...numberColumns],
}

function nameColumn(kind: keyof typeof words): Column<NamedRow> {
  return {
    id: 'name',
    heading: words[kind].heading,
    width: 'name',
    cell: ({ row }) => row.resource.name,
    sortBy: ({ row }) => row.resource.name,
  }
}

interface ResourceTableProps {
  readonly kind: keyof typeof words
  /** `null` while loading. */
  readonly rows: readonly GoldenRow[] | null
  /** A few words on what the numbers are. */
  readonly note?: string
  /** Prints the same in a terminal. */
  readonly command: string
}

/** The services or the pods of one namespace, each with what it received. */
export function ResourceTable({ kind, rows, note, command }: ResourceTableProps) {
  const named = useMemo(() => rows?.map(row => ({ id: row.id, row })) ?? null, [rows])
  const { title } = words[kind]
  const count = rows?.length
  return (
    <Card title={title} aside={note === undefined || count === undefined ? count : `${count} · ${note}`}>
      <DataTable
        caption={`Golden metrics of each ${kind}`}
        columns={columnsOf[kind]}
        rows={named}
        toneOf={({ row }) => (conditionOf(row) === 'unmeshed' ? 'hatched' : 'plain')}
        linkOf={({ row }) => resourcePath(row.resource)}
        empty={`There is no ${kind} in this namespace`}
      />
      {rows !== null && <CopyLine command={command} />}
    </Card>
  )
}
