import type { Dimension } from '#server/store/store.ts'
import type { Cell } from './cell.ts'

/** Gives equal texts for cells that belong together for one choice of dimensions. */
export type GroupIdOf = (cell: Cell) => string

const maxChoices = 24

/**
 * Ways to group cells. Each cell remembers its group for the first 24 choices of dimensions: the questions of the API
 * make no more, and making these texts anew was half of what a sum took.
 */
export class GroupIds {
  readonly #choices = new Map<string, GroupIdOf>()

  by(dimensions: readonly Dimension[]): GroupIdOf {
    const name = dimensions.join()
    const known = this.#choices.get(name)
    if (known !== undefined) return known
    const make: GroupIdOf = ({ key }) => dimensions.map(dimension => key[dimension]).join('\0')
    const at = this.#choices.size
    if (at >= maxChoices) return make
    const remembered: GroupIdOf = cell => {
      cell.groupIds[at] ??= make(cell)
      return cell.groupIds[at]
    }
    this.#choices.set(name, remembered)
    return remembered
  }
}
