import type { SeriesRow } from '#lib/api/series.ts'

/** One step of a course, as charts draw it. A number is `null` where nothing was measured, or nobody asked. */
export interface CoursePoint {
  /** The middle of the step. */
  readonly atMs: number
  readonly successRps: number | null
  readonly failureRps: number | null
  readonly successRate: number | null
  readonly p50Ms: number | null
  readonly p95Ms: number | null
  readonly p99Ms: number | null
  readonly readBytesPerSecond: number | null
  readonly writeBytesPerSecond: number | null
  readonly open: number | null
}

/** A column of a course. */
export type CourseKey = Exclude<keyof CoursePoint, 'atMs'>

/** The points of a course, oldest first. A step without a request has no success rate and no latency. */
export function coursePoints({ points }: SeriesRow, stepSeconds: number): CoursePoint[] {
  return points.map(({ at, rps, successRate, latencyMs, tcp }) => ({
    atMs: Date.parse(at) + stepSeconds * 500,
    successRps: rps === null ? null : rps * (successRate ?? 0),
    failureRps: rps === null ? null : rps * (1 - (successRate ?? 1)),
    successRate,
    p50Ms: latencyMs.p50,
    p95Ms: latencyMs.p95,
    p99Ms: latencyMs.p99,
    readBytesPerSecond: tcp.readBytesPerSecond,
    writeBytesPerSecond: tcp.writeBytesPerSecond,
    open: tcp.open,
  }))
}

/** The smallest, largest and newest of the known values of a column; `null` when none is known. */
export function extentOf(
  points: readonly CoursePoint[],
  key: CourseKey,
): { readonly least: number; readonly most: number; readonly last: number } | null {
  const known = points.map(point => point[key]).filter(value => value !== null)
  const last = known.at(-1)
  return last === undefined ? null : { least: Math.min(...known), most: Math.max(...known), last }
}

/** Whether the value at `index` stands between two gaps, where a line would not show it. */
export function isAlone(points: readonly CoursePoint[], key: CourseKey, index: number): boolean {
  const known = (at: number) => (points[at]?.[key] ?? null) !== null
  return known(index) && !known(index - 1) && !known(index + 1)
}
