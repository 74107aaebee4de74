import type { Dimension, View } from '#server/store/store.ts'
import type { Cell } from './cell.ts'
import { GroupIndex } from './group-index.ts'

const maxKept = 32

/**
 * Indexes of cells by the choices of dimensions that were asked for. The first 32 are kept: the questions of the API make
 * no more, and to group the cells anew was most of what a sum took. Those of a choice beyond are made for each sum.
 */
export class GroupIndexes {
  readonly #kept = new Map<View, Map<string, GroupIndex>>()
  #count = 0

  /** The index of the view's cells, of which `cells` are all, by these dimensions. */
  of(view: View, by: readonly Dimension[], cells: () => Iterable<Cell>): GroupIndex {
    const ofView = this.#kept.get(view) ?? new Map<string, GroupIndex>()
    this.#kept.set(view, ofView)
    const name = by.join()
    const known = ofView.get(name)
    if (known) return known
    const index = new GroupIndex(by, cells())
    if (this.#count < maxKept) {
      ofView.set(name, index)
      this.#count++
    }
    return index
  }

  add(cell: Cell): void {
    for (const index of this.#kept.get(cell.key.view)?.values() ?? []) index.add(cell)
  }

  remove(cell: Cell): void {
    for (const index of this.#kept.get(cell.key.view)?.values() ?? []) index.remove(cell)
  }

  clear(): void {
    this.#kept.clear()
    this.#count = 0
  }
}
