'use client'

import {
  deniedColumn,
  destinationColumn,
  edgeGoldenColumns,
  edgeMtlsColumn,
  identitiesColumn,
  sourceColumn,
} from '#components/golden/edge-columns.tsx'
import type { Column } from '#components/ui/data-table.tsx'
import { SortableTable } from '#components/ui/sortable-table.tsx'
import type { Edge } from '#lib/api/edges.ts'

const columns: readonly Column<Edge>[] = [
  sourceColumn,
  destinationColumn,
  edgeMtlsColumn,
  identitiesColumn,
  ...edgeGoldenColumns,
  deniedColumn,
]

interface EdgeTableProps {
  /** `null` while loading. */
  readonly rows: readonly Edge[] | null
}

/** Who talks to whom, how it is secured, and how it goes. */
export function EdgeTable({ rows }: EdgeTableProps) {
  return (
    <SortableTable
      param="sort"
      caption="Edges: who talks to whom, how it is secured, and how it goes"
      columns={columns}
      rows={rows}
      toneOf={edge => (edge.golden.requests === 0 && edge.denied === 0 && !isOpen(edge) ? 'quiet' : 'plain')}
    />
  )
}

function isOpen({ tcp }: Edge): boolean {
  return (tcp.open ?? 0) > 0
}
