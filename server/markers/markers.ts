import type { MarkerRow } from '#lib/api/markers.ts'

/** What somebody told that happened. */
export interface Markers {
  /** From `startMs` up to and including `endMs`, oldest first. */
  list(startMs: number, endMs: number): readonly MarkerRow[]
  /** Keeps a marker; `false` when it is older than all of the many that are kept. */
  add(marker: MarkerRow): boolean
}
