import type { Dimension } from '#server/store/store.ts'
import type { Cell } from './cell.ts'

/** Cells that belong together, and the values that they share. */
export interface CellGroup {
  readonly key: readonly string[]
  readonly cells: ReadonlySet<Cell>
}

/** The cells of a view, grouped by one choice of dimensions. Who comes and who leaves must be told. */
export class GroupIndex {
  readonly #by: readonly Dimension[]
  readonly #groups = new Map<string, { readonly key: readonly string[]; readonly cells: Set<Cell> }>()
  /** `null` after a group came or left. */
  #inOrder: readonly CellGroup[] | null = null

  constructor(by: readonly Dimension[], cells: Iterable<Cell>) {
    this.#by = by
    for (const cell of cells) this.add(cell)
  }

  /** The groups, in order of their values. */
  get groups(): readonly CellGroup[] {
    this.#inOrder ??= [...this.#groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group)
    return this.#inOrder
  }

  add(cell: Cell): void {
    const key = this.#by.map(dimension => cell.key[dimension])
    const id = key.join('\0')
    const group = this.#groups.get(id)
    if (group) {
      group.cells.add(cell)
      return
    }
    this.#groups.set(id, { key, cells: new Set([cell]) })
    this.#inOrder = null
  }

  remove(cell: Cell): void {
    const id = this.#by.map(dimension => cell.key[dimension]).join('\0')
    const group = this.#groups.get(id)
    group?.cells.delete(cell)
    if (group?.cells.size !== 0) return
    this.#groups.delete(id)
    this.#inOrder = null
  }
}
