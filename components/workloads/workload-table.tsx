'use client'

import { useSearchParams } from 'next/navigation'
import { useMemo, useRef } from 'react'
import { conditionOf } from '#components/golden/condition.ts'
import {
  connectionsColumn,
  latencyColumns,
  meshedColumn,
  mtlsColumn,
  requestRateColumn,
  successColumn,
} from '#components/golden/golden-columns.tsx'
import { conditionTone } from '#components/golden/golden-table.tsx'
import { Card } from '#components/ui/card.tsx'
import { CopyLine } from '#components/ui/copy-line.tsx'
import type { Column } from '#components/ui/data-table.tsx'
import { FilterLine, passesFilter } from '#components/ui/filter-line.tsx'
import { resourcePath } from '#components/ui/page-path.ts'
import { SortableTable } from '#components/ui/sortable-table.tsx'
import { Sparkline } from '#components/ui/sparkline.tsx'
import type { GoldenRow } from '#lib/api/golden.ts'
import type { SeriesRow } from '#lib/api/series.ts'
import { WorkloadName } from './workload-name.tsx'
import { type Joined, joinWorkloads, type WorkloadRow } from './workload-row.ts'

const columns: readonly Column<WorkloadRow>[] = [
  {
    id: 'name',
    heading: 'Workload',
    width: 'name',
    cell: ({ row }) => <WorkloadName row={row} />,
    sortBy: ({ row }) => `${row.resource.namespace}/${row.resource.name}`,
  },
  meshedColumn,
  {
    id: 'rps-trend',
    heading: 'RPS trend',
    width: 'spark',
    leaves: 'middling',
    cell: ({ row, rps }) =>
      isWatched(row) && (
        <Sparkline values={rps} floor={0} label={`Requests per second of ${row.resource.name}`} />
      ),
  },
  requestRateColumn,
  {
    id: 'success-trend',
    heading: 'Success trend',
    width: 'spark',
    leaves: 'minor',
    cell: ({ row, successRate }) =>
      isWatched(row) && (
        <Sparkline
          values={successRate}
          floor={0.9}
          ceiling={1}
          label={`Success rate of ${row.resource.name}`}
        />
      ),
  },
  successColumn,
  ...latencyColumns,
  mtlsColumn,
  connectionsColumn,
]

interface WorkloadTableProps {
  /** `null` while loading. */
  readonly rows: readonly GoldenRow[] | null
  readonly series: readonly SeriesRow[]
  /** What the trends reach over, or why there are none. */
  readonly trendNote: string
  readonly windowFlag: string
  /** The namespace that all rows are of; absent: of any. */
  readonly namespace?: string
}

/** Every workload with what it received, meshed or not. */
export function WorkloadTable({ rows, series, trendNote, windowFlag, namespace }: WorkloadTableProps) {
  const before = useRef<ReadonlyMap<string, Joined>>(new Map())
  const joined = useMemo(() => {
    if (rows === null) return null
    const next = joinWorkloads(rows, series, before.current)
    before.current = next
    return [...next.values()]
  }, [rows, series])
  const filter = useSearchParams().get('filter') ?? ''
  const shown = useMemo(() => joined?.filter(({ id }) => passesFilter(id, filter)) ?? null, [joined, filter])
  return (
    <Card
      title="Workloads"
      aside={rows === null ? undefined : `${rows.length} · ${trendNote}`}
      tools={
        <FilterLine
          of="workloads"
          {...(joined !== null && shown !== null && { count: { shown: shown.length, all: joined.length } })}
        />
      }
    >
      <SortableTable
        param="sort"
        caption="Golden metrics of each workload"
        columns={columns}
        rows={shown}
        empty={filter === '' ? 'There is no workload' : `No workload has “${filter}” in its name`}
        linkOf={({ row }) => resourcePath(row.resource)}
        toneOf={({ row }) => conditionTone[conditionOf(row)]}
      />
      {rows !== null && (
        <CopyLine
          command={`meshscope stat ${commonKind(rows ?? [])} ${namespace === undefined ? '-A' : `-n ${namespace}`}${windowFlag} --unmeshed`}
        />
      )}
    </Card>
  )
}

/** Whether the trends say something of it: they are of what was received. */
function isWatched(row: GoldenRow): boolean {
  const condition = conditionOf(row)
  return condition !== 'unmeshed' && condition !== 'sending'
}

/** What the command line asks for to get these rows: `deploy` when there are only deployments. */
function commonKind(rows: readonly GoldenRow[]): string {
  return rows.every(row => row.resource.kind === 'deployment') ? 'deploy' : 'workload'
}
