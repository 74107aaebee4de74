'use client'

import { useMemo } from 'react'
import {
  deniedColumn,
  edgeBytesColumn,
  edgeGoldenColumns,
  edgeMtlsColumn,
} from '#components/golden/edge-columns.tsx'
import { ResourceLink } from '#components/golden/resource-link.tsx'
import { Card } from '#components/ui/card.tsx'
import { CopyLine } from '#components/ui/copy-line.tsx'
import type { Column } from '#components/ui/data-table.tsx'
import { SortableTable } from '#components/ui/sortable-table.tsx'
import type { Edge } from '#lib/api/edges.ts'

const numbers = [edgeMtlsColumn, deniedColumn, ...edgeGoldenColumns, edgeBytesColumn]

function peerColumn(heading: string, end: 'source' | 'destination'): Column<Edge> {
  return {
    id: end,
    heading,
    width: 'name',
    cell: edge => <ResourceLink resource={edge[end]} />,
    sortBy: edge => idOf(edge[end]),
  }
}

const sides = {
  inbound: {
    title: 'Inbound',
    aside: 'who calls it',
    empty: 'Nobody called it in this time',
    columns: [peerColumn('From', 'source'), ...numbers] satisfies readonly Column<Edge>[],
  },
  outbound: {
    title: 'Outbound',
    aside: 'whom it calls',
    empty: 'It called nobody in this time',
    columns: [peerColumn('To', 'destination'), ...numbers] satisfies readonly Column<Edge>[],
  },
} as const

interface EdgeTableProps {
  readonly side: keyof typeof sides
  /** The id of the resource whose edges these are: `shop/deployment/web`. */
  readonly of: string
  /** Every edge that touches it; `null` while loading. */
  readonly edges: readonly Edge[] | null
  readonly command: string
}

/** Who calls a resource, or whom it calls, with how that is secured and how it goes. */
export function EdgeTable({ side, of, edges, command }: EdgeTableProps) {
  const { title, aside, empty, columns } = sides[side]
  const rows = useMemo(
    () =>
      edges?.filter(({ source, destination }) => idOf(side === 'inbound' ? destination : source) === of) ??
      null,
    [edges, side, of],
  )
  return (
    <Card title={title} aside={rows === null || rows.length === 0 ? aside : `${rows.length} · ${aside}`}>
      <SortableTable
        param={`sort-${side}`}
        caption={`${title}: ${aside}`}
        columns={columns}
        rows={rows}
        toneOf={({ golden }) => (golden.requests === 0 ? 'quiet' : 'plain')}
        empty={empty}
      />
      <CopyLine command={command} />
    </Card>
  )
}

function idOf({ namespace, kind, name }: Edge['source']): string {
  return `${namespace}/${kind}/${name}`
}
