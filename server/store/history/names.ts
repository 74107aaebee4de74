import { type CellKey, dimensions } from '#server/store/store.ts'
import type { Cell, Instance } from './batch.ts'
import type { Database } from './database.ts'
import { type FieldEntry, Fields } from './fields.ts'
import type { NewNames } from './writing.ts'

const forgetAfterMs = 3_600_000

/**
 * Numbers by which the file knows instances, cells and fields. Cells that were idle for an hour are forgotten: when one
 * comes back, it gets another number, and both add up. Instances are those of two weeks.
 */
export class Names {
  readonly fields: Fields
  readonly #instances = new Map<string, Instance>()
  readonly #byId = new Map<number, Instance>()
  readonly #cells = new Map<string, Cell>()
  #cellOfKey = new WeakMap<CellKey, Cell>()
  #nextInstance: number
  #nextCell: number

  private constructor(fields: readonly FieldEntry[], nextInstance: number, nextCell: number) {
    this.fields = new Fields(fields)
    this.#nextInstance = nextInstance
    this.#nextCell = nextCell
  }

  /** What the file knows. */
  static async of(database: Database): Promise<Names> {
    const [ids = [], kinds = [], texts = []] = await database.columns('SELECT id, kind, text FROM fields')
    const fields = ids.map((id, i): FieldEntry => {
      const kind = kinds[i] === 'status' ? 'status' : 'bounds'
      return { id: Number(id), kind, text: String(texts[i]) }
    })
    const [instanceIds = [], namespaces = [], pods = []] = await database.columns(
      'SELECT id, namespace, pod FROM instances',
    )
    const [[maxCell] = []] = await database.columns('SELECT max(id) FROM cells')
    const nextInstance = instanceIds.reduce<number>((next, id) => Math.max(next, Number(id) + 1), 1)
    const names = new Names(fields, nextInstance, Number(maxCell ?? 0) + 1)
    for (const [i, id] of instanceIds.entries()) {
      names.#keep(Number(id), String(namespaces[i]), String(pods[i]), true)
    }
    return names
  }

  /** The lowest number of a cell that may be used again. */
  get firstKnownCell(): number {
    const [first] = this.#cells.values()
    return first?.id ?? this.#nextCell
  }

  get cellCount(): number {
    return this.#cells.size
  }

  instances(): Iterable<Instance> {
    return this.#instances.values()
  }

  instance(namespace: string, pod: string): Instance {
    const known = this.#instances.get(`${namespace}/${pod}`)
    return known ?? this.#keep(this.#nextInstance++, namespace, pod, false)
  }

  /** The instance of a number that is in the file. */
  instanceOf(id: number): Pick<Instance, 'namespace' | 'pod'> {
    return this.#byId.get(id) ?? { namespace: '', pod: String(id) }
  }

  cell(instance: Instance, key: CellKey): Cell {
    const known = this.#cellOfKey.get(key)
    if (known !== undefined) return known
    const id = dimensions.map(dimension => key[dimension]).join('\0')
    let cell = this.#cells.get(id)
    if (cell === undefined) {
      cell = { id: this.#nextCell++, key, instance, newestMs: 0, isSaved: false }
      this.#cells.set(id, cell)
    }
    this.#cellOfKey.set(key, cell)
    return cell
  }

  unsaved(): NewNames {
    return {
      instances: [...this.#instances.values()].filter(({ isSaved }) => !isSaved),
      cells: [...this.#cells.values()].filter(({ isSaved }) => !isSaved),
      fields: this.fields.unsaved,
    }
  }

  /** These names are in the file now. */
  saved({ instances, cells, fields }: NewNames): void {
    for (const instance of instances) instance.isSaved = true
    for (const cell of cells) cell.isSaved = true
    this.fields.saved(fields.length)
  }

  forgetIdle(nowMs: number): void {
    let isForgotten = false
    for (const [id, cell] of this.#cells) {
      if (!cell.isSaved || cell.newestMs >= nowMs - forgetAfterMs || cell.instance.open.has(cell)) continue
      this.#cells.delete(id)
      isForgotten = true
    }
    // Keys still point at cells that are forgotten.
    if (isForgotten) this.#cellOfKey = new WeakMap()
  }

  /** The file knows no other instances any more: the rest is forgotten, but for what came back since `keptFromMs`. */
  keepInstances(ids: ReadonlySet<number>, keptFromMs: number): void {
    for (const [id, instance] of this.#instances) {
      if (ids.has(instance.id) || !instance.isSaved) continue
      instance.isSaved = false
      if (instance.newestMs >= keptFromMs) continue
      this.#instances.delete(id)
      this.#byId.delete(instance.id)
    }
  }

  #keep(id: number, namespace: string, pod: string, isSaved: boolean): Instance {
    const newestMs = Number.NEGATIVE_INFINITY
    const instance: Instance = { id, namespace, pod, open: new Map(), newestMs, isSaved, spare: null }
    this.#instances.set(`${namespace}/${pod}`, instance)
    this.#byId.set(id, instance)
    return instance
  }
}
