import type { GoldenRow } from '#lib/api/golden.ts'
import type { SeriesRow } from '#lib/api/series.ts'

/** A workload's numbers, and its course where it is known. */
export interface WorkloadRow {
  readonly id: string
  readonly row: GoldenRow
  readonly rps: readonly (number | null)[]
  readonly successRate: readonly (number | null)[]
}

const noCourse: readonly null[] = []

/**
 * Joins numbers and courses by id. Of what did not change, `before` gives its own objects back, so that a
 * table draws only what changed.
 */
export function joinWorkloads(
  rows: readonly GoldenRow[],
  series: readonly SeriesRow[],
  before: ReadonlyMap<string, Joined>,
): Map<string, Joined> {
  const courses = new Map(series.map(course => [course.id, course]))
  return new Map(
    rows.map(row => {
      const course = courses.get(row.id)
      const known = before.get(row.id)
      if (known !== undefined && known.row === row && known.course === course) return [row.id, known]
      return [
        row.id,
        {
          id: row.id,
          row,
          course,
          rps: course?.points.map(point => point.rps) ?? noCourse,
          successRate: course?.points.map(point => point.successRate) ?? noCourse,
        },
      ]
    }),
  )
}

/** A joined row that remembers what it was made of. */
export type Joined = WorkloadRow & { readonly course: SeriesRow | undefined }
