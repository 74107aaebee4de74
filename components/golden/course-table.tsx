import { useMemo } from 'react'
import { type Column, DataTable } from '#components/ui/data-table.tsx'
import { QuantityText } from '#components/ui/quantity.tsx'
import type { CourseChart } from './course-charts.ts'
import styles from './course-panel.module.css'
import type { CoursePoint } from './course-points.ts'
import { stepText } from './course-time.ts'

interface StepRow {
  readonly id: string
  readonly point: CoursePoint
  readonly stepMs: number
  readonly rangeMs: number
}

const timeColumn: Column<StepRow> = {
  id: 'time',
  heading: 'Time',
  width: 'name',
  cell: ({ point, stepMs, rangeMs }) => stepText(point.atMs - stepMs / 2, rangeMs),
  sortBy: ({ point }) => -point.atMs,
}

interface CourseTableProps {
  readonly charts: readonly CourseChart[]
  readonly points: readonly CoursePoint[] | null
  readonly stepMs: number
  readonly rangeMs: number
}

/** All that the charts show, a row for each step, newest first. */
export function CourseTable({ charts, points, stepMs, rangeMs }: CourseTableProps) {
  const rows = useMemo(
    () => points?.map(point => ({ id: String(point.atMs), point, stepMs, rangeMs })) ?? null,
    [points, stepMs, rangeMs],
  )
  const columns = useMemo(() => [timeColumn, ...charts.flatMap(numberColumns)], [charts.length])
  return (
    <div className={styles.table}>
      <DataTable caption="Golden metrics of each step" columns={columns} rows={rows} toneOf={() => 'plain'} />
    </div>
  )
}

function numberColumns(chart: CourseChart): Column<StepRow>[] {
  return chart.lines.map(({ key, name }) => ({
    id: key,
    heading: chart.lines.length === 1 ? chart.title : name,
    meaning: `${chart.title}: ${name}`,
    width: 'number',
    cell: ({ point }) => (
      <QuantityText
        of={chart.format(point[key])}
        align={aligns[chart.id]}
        {...(point[key] === null ? { reason: 'Nothing measured in this step' } : {})}
      />
    ),
  }))
}

const aligns = {
  requests: { decimals: 1, unit: 'rate' },
  success: { decimals: 2, unit: 'share' },
  latency: { decimals: 1, unit: 'rate' },
  bytes: { decimals: 1, unit: 'bytes' },
  connections: { decimals: 0, unit: 'share' },
} as const
