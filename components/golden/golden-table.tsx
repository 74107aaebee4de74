'use client'

import { useSearchParams } from 'next/navigation'
import { useMemo } from 'react'
import { Card } from '#components/ui/card.tsx'
import { CopyLine } from '#components/ui/copy-line.tsx'
import type { Column, RowTone } from '#components/ui/data-table.tsx'
import { FilterLine, passesFilter } from '#components/ui/filter-line.tsx'
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
  /** The parameter of the address that narrows the table by text; absent: nothing does. */
  readonly filterParam?: string
  /** Prints the same in a terminal. */
  readonly command: string
}

/** The golden metrics of several resources, each with what it received. */
export function GoldenTable(props: GoldenTableProps) {
  // Before the address is known nothing is narrowed by it.
  return props.filterParam === undefined || props.rows === null ? (
    <PlainTable {...props} filter="" />
  ) : (
    <FilteredTable {...props} param={props.filterParam} />
  )
}

function FilteredTable({ param, ...props }: GoldenTableProps & { readonly param: string }) {
  const filter = useSearchParams().get(param) ?? ''
  return <PlainTable {...props} filter={filter} />
}

interface PlainTableProps extends GoldenTableProps {
  readonly filter: string
}

function PlainTable({ title, aside, of, rows, empty, filterParam, filter, command }: PlainTableProps) {
  const shown = useMemo(
    () =>
      rows?.filter(row => passesFilter(row.resource.name, filter)).map(row => ({ id: row.id, row })) ?? null,
    [rows, filter],
  )
  const { columns, linkOf }: Shape = shapes[of]
  const count = rows === null || rows.length === 0 ? [] : [String(rows.length)]
  const words = [...count, ...(aside === undefined ? [] : [aside])].join(' · ')
  return (
    <Card
      title={title}
      aside={words === '' ? undefined : words}
      tools={
        filterParam !== undefined &&
        rows !== null &&
        shown !== null && (
          <FilterLine
            of={title.toLowerCase()}
            param={filterParam}
            count={{ shown: shown.length, all: rows.length }}
          />
        )
      }
    >
      <SortableTable
        param={`sort-${of}`}
        caption={aside === undefined ? `Golden metrics: ${title}` : `${title}: ${aside}`}
        columns={columns}
        rows={shown}
        toneOf={({ row }) => conditionTone[conditionOf(row)]}
        {...(linkOf && { linkOf })}
        empty={filter === '' || rows?.length === 0 ? empty : `None has “${filter}” in its name`}
      />
      <CopyLine command={command} />
    </Card>
  )
}
