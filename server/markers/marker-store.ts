import type { MarkerRow } from '#lib/api/markers.ts'
import type { Markers } from './markers.ts'

const maxMarkers = 1_000

/** The thousand newest markers, by when they happened. Older ones leave. */
export class MarkerStore implements Markers {
  /** Oldest first. */
  readonly #rows: { readonly atMs: number; readonly row: MarkerRow }[] = []

  list(startMs: number, endMs: number): readonly MarkerRow[] {
    return this.#rows.filter(({ atMs }) => atMs >= startMs && atMs <= endMs).map(({ row }) => row)
  }

  all(): readonly MarkerRow[] {
    return this.#rows.map(({ row }) => row)
  }

  add(row: MarkerRow): boolean {
    const atMs = Date.parse(row.at)
    const after = this.#rows.findLastIndex(each => each.atMs <= atMs)
    if (after === -1 && this.#rows.length >= maxMarkers) return false
    this.#rows.splice(after + 1, 0, { atMs, row })
    if (this.#rows.length > maxMarkers) this.#rows.shift()
    return true
  }
}
