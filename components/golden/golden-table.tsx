'use client'

import { type ReactNode, useMemo } from 'react'
import { Card } from '#components/ui/card.tsx'
import { CopyLine } from '#components/ui/copy-line.tsx'
import type { Column, RowTone } from '#components/ui/data-table.tsx'
import { resourcePath } from '#components/ui/page-path.ts'
import { SortableTable } from '#components/ui/sortable-table.tsx'
import type { GoldenRow } from '#lib/api/golden.ts'
import { type Condition, conditionOf } from './condition.ts'
import {
  byteColumns,
  connectionsColumn,
  latencyColumns,
  meshedColumn,
  mtlsColumn,
  requestRateColumn,
  successColumn,
} from './golden-columns.tsx'
import { ResourceLink } from './resource-link.tsx'

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

/** Names of one kind, in one namespace or of none: the whole row leads to the page. */
function plainName(heading: string): Column<Row> {
  return {
    id: 'name',
    heading,
    width: 'name',
    cell: ({ row }) => row.resource.name,
    sortBy: ({ row }) => row.resource.name,
  }
}

/** Names of several kinds and namespaces, of which some have no page. */
function fullName(heading: string): Column<Row> {
  return {
    id: 'name',
    heading,
    width: 'name',
    cell: ({ row }) => <ResourceLink resource={row.resource} />,
    sortBy: ({ row }) => row.id,
  }
}

const pageOf = ({ row }: Row): string | null => resourcePath(row.resource)

interface Shape {
  readonly columns: readonly Column<Row>[]
  readonly linkOf?: (row: Row) => string | null
}

const shapes = {
  namespaces: { columns: [plainName('Namespace'), meshedColumn, ...numbers], linkOf: pageOf },
  services: { columns: [plainName('Service'), meshedColumn, ...numbers], linkOf: pageOf },
  pods: { columns: [plainName('Pod'), meshedColumn, ...numbers], linkOf: pageOf },
  workloads: { columns: [fullName('Workload'), meshedColumn, ...numbers] },
  callers: { columns: [fullName('From'), ...numbers] },
  // A proxy counts connections and mTLS by peer, not by route.
  routeCallers: { columns: [fullName('From'), requestRateColumn, successColumn, ...latencyColumns] },
} satisfies Record<string, Shape>

/** How a row of each condition is drawn. */
export const conditionTone: Readonly<Record<Condition, RowTone>> = {
  busy: 'plain',
  sending: 'plain',
  idle: 'quiet',
  unmeshed: 'hatched',
  unanswered: 'quiet',
}

interface GoldenTableProps {
  readonly title: string
  /** A few words on what the numbers are. */
  readonly aside?: string
  readonly of: keyof typeof shapes
  /** `null` while loading. */
  readonly rows: readonly GoldenRow[] | null
  /** Said when there is none. */
  readonly empty: string
  /** Controls at the end of the title's line. */
  readonly tools?: ReactNode
  /** Prints the same in a terminal. */
  readonly command: string
}

/** The golden metrics of several resources, each with what it received. */
export function GoldenTable({ title, aside, of, rows, empty, tools, command }: GoldenTableProps) {
  const shown = useMemo(() => rows?.map(row => ({ id: row.id, row })) ?? null, [rows])
  const { columns, linkOf }: Shape = shapes[of]
  const count = rows === null || rows.length === 0 ? [] : [String(rows.length)]
  const words = [...count, ...(aside === undefined ? [] : [aside])].join(' · ')
  return (
    <Card title={title} aside={words === '' ? undefined : words} tools={tools}>
      <SortableTable
        param={`sort-${of}`}
        caption={aside === undefined ? `Golden metrics: ${title}` : `${title}: ${aside}`}
        columns={columns}
        rows={shown}
        toneOf={({ row }) => conditionTone[conditionOf(row)]}
        {...(linkOf && { linkOf })}
        empty={empty}
      />
      <CopyLine command={command} />
    </Card>
  )
}
