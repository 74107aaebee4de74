import type { SeriesRow } from '#lib/api/series.ts'
import type { CourseBlank } from './course-blanks.ts'

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

/**
 * The points with an empty one in each blank of at least half a step, so that no line is drawn across it: where a blank
 * begins and ends within steps, these were measured in part.
 */
export function brokenAt(
  points: readonly CoursePoint[],
  blanks: readonly CourseBlank[],
  stepMs: number,
): readonly CoursePoint[] {
  const breaks = blanks
    .filter(({ startMs, endMs }) => endMs - startMs >= stepMs / 2)
    .map(({ startMs, endMs }) => ({ ...emptyPoint, atMs: (startMs + endMs) / 2 }))
  if (breaks.length === 0) return points
  const isStep = new Set(points.map(({ atMs }) => atMs))
  return [...points, ...breaks.filter(({ atMs }) => !isStep.has(atMs))].sort((a, b) => a.atMs - b.atMs)
}

const emptyPoint: Omit<CoursePoint, 'atMs'> = {
  successRps: null,
  failureRps: null,
  successRate: null,
  p50Ms: null,
  p95Ms: null,
  p99Ms: null,
  readBytesPerSecond: null,
  writeBytesPerSecond: null,
  open: null,
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
