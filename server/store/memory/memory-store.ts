import { slotLengthMs, slotStartMs, snapOutward } from '#lib/metrics/slots.ts'
import type { CellDelta, Delta } from '#server/store/delta.ts'
import {
  type Answer,
  type CellKey,
  type Dimension,
  dimensions,
  type InstanceCoverage,
  type Question,
  type Range,
  type Selector,
  type Store,
  type View,
} from '#server/store/store.ts'
import { appendToCell, type Cell, emptyCell } from './cell.ts'
import { CoverageLog } from './coverage.ts'
import { GroupIds } from './group-ids.ts'
import { Groups } from './groups.ts'
import type { TimeScale } from './slot-log.ts'
import { StatusFields } from './status-fields.ts'

const fineKeptMs = 600_000
const keptMs = 3_600_000
const coarseMs = 10_000
const ageEveryMs = 60_000
const maxSteps = 20_000
/** What a cell costs besides its log: 16 short strings, most of them shared, the objects that hold them, and its groups. */
const cellOverheadBytes = 900

export interface MemoryStoreOptions {
  readonly intervalMs: number
  /** When a new cell would exceed this, the tenth that was idle longest leaves, with what it counted. Default 200,000. */
  readonly maxCells?: number
}

interface InstanceCells {
  readonly namespace: string
  readonly pod: string
  readonly coverage: CoverageLog
  /** A question is about one view: the cells of others need not be looked at. */
  readonly views: Map<View, Map<string, Cell>>
  agedToMs: number
}

interface CoveredInstance {
  readonly instance: InstanceCells
  readonly told: InstanceCoverage
  readonly coveredMsByStep: readonly number[]
}

/**
 * A store that holds the last hour in memory: slots of the scrape interval for ten minutes, of ten seconds for the
 * rest. Its clock is the newest delta, so that equal deltas give equal answers.
 */
export function createMemoryStore(options: MemoryStoreOptions): Store {
  return new MemoryStore(options)
}

class MemoryStore implements Store {
  readonly #intervalMs: number
  readonly #maxCells: number
  readonly #scale: TimeScale
  readonly #instances = new Map<string, InstanceCells>()
  /** Keys are long to compare; whoever appends the same key object again finds its cell here. */
  #cellOfKey = new WeakMap<CellKey, Cell>()
  readonly #statusFields = new StatusFields()
  readonly #groupIds = new GroupIds()
  #cellCount = 0
  #droppedDeltas = 0
  #heardSinceMs: number | null = null
  #newestMs = Number.NEGATIVE_INFINITY
  /** What `#covered` found last; `null` once something was appended. */
  #lastCovered: { readonly id: string; readonly instances: readonly CoveredInstance[] } | null = null
  #agedToMs = Number.NEGATIVE_INFINITY

  constructor(options: MemoryStoreOptions) {
    this.#intervalMs = options.intervalMs
    this.#maxCells = options.maxCells ?? 200_000
    this.#scale = { fineMs: slotLengthMs(options.intervalMs), coarseMs }
  }

  get minimumWindowMs(): number {
    return 2 * this.#intervalMs
  }

  get heardSinceMs(): number | null {
    return this.#heardSinceMs
  }

  append(delta: Delta): void {
    if (delta.endMs < slotStartMs(this.#newestMs - keptMs, coarseMs)) {
      this.#droppedDeltas++
      return
    }
    this.#heardSinceMs = Math.min(this.#heardSinceMs ?? delta.endMs, delta.startMs, delta.endMs)
    this.#newestMs = Math.max(this.#newestMs, delta.endMs)
    this.#lastCovered = null
    if (slotStartMs(this.#newestMs, ageEveryMs) !== this.#agedToMs) this.#ageSilent()
    const instance = this.#instanceOf(delta)
    // Each instance ages at its own scrape, so that no scrape waits for all of them.
    if (instance.agedToMs !== this.#agedToMs) this.#age(instance)
    instance.coverage.append(delta.startMs, delta.endMs, this.#fineFromMs)
    for (const cellDelta of delta.cells) {
      const cell = this.#cellFor(instance, cellDelta)
      appendToCell(cell, cellDelta, delta.endMs, this.#fineFromMs, this.#statusFields)
    }
  }

  async sum(question: Question): Promise<Answer> {
    const { range, stepMs } = this.#snap(question)
    const stepCount = question.stepSeconds === undefined ? 1 : (range.endMs - range.startMs) / stepMs
    if (stepCount > maxSteps) {
      throw new RangeError(`Cannot cut the range: expected at most ${maxSteps} steps, got ${stepCount}`)
    }
    const rowMs = stepCount === 1 ? Math.max(1, range.endMs - range.startMs) : stepMs
    const statusFields = question.withStatuses ? this.#statusFields : null
    const groups = new Groups(question.by, this.#groupIds.by(question.by), range, rowMs, statusFields)
    const matches = matcher(question.where)
    const coverage: InstanceCoverage[] = []
    for (const { instance, told, coveredMsByStep } of this.#covered(range, rowMs)) {
      coverage.push(question.stepSeconds === undefined ? told : { ...told, coveredMsByStep })
      for (const cell of instance.views.get(question.where.view)?.values() ?? []) {
        if (matches(cell.key)) groups.addCell(cell, coveredMsByStep)
      }
    }
    return { range, stepSeconds: stepMs / 1_000, rows: groups.rows(), coverage }
  }

  /** The instances that were scraped in a range. One answer often takes several sums of the same range. */
  #covered(range: Range, rowMs: number): readonly CoveredInstance[] {
    const id = `${range.startMs} ${range.endMs} ${rowMs}`
    if (this.#lastCovered?.id === id) return this.#lastCovered.instances
    const instances: CoveredInstance[] = []
    for (const instance of this.#instances.values()) {
      const { namespace, pod, coverage } = instance
      const { coveredMsByStep, lastSampleAtMs } = coverage.read(range.startMs, range.endMs, rowMs)
      if (lastSampleAtMs === null) continue
      const coveredMs = coveredMsByStep.reduce((a, b) => a + b, 0)
      instances.push({ instance, told: { namespace, pod, coveredMs, lastSampleAtMs }, coveredMsByStep })
    }
    this.#lastCovered = { id, instances }
    return instances
  }

  lastCompleteSlotEndMs(nowMs: number): number | null {
    if (this.#instances.size === 0) return null
    let reachedMs = nowMs
    for (const { coverage } of this.#instances.values()) {
      if (coverage.newestMs >= nowMs - 3 * this.#intervalMs)
        reachedMs = Math.min(reachedMs, coverage.newestMs)
    }
    return slotStartMs(reachedMs, this.#scale.fineMs)
  }

  retained(nowMs: number): Range {
    return { startMs: slotStartMs(nowMs - keptMs, coarseMs), endMs: nowMs }
  }

  stats(): { cells: number; bytes: number; droppedDeltas: number } {
    let bytes = 0
    for (const instance of this.#instances.values()) {
      bytes += instance.coverage.bytes
      for (const cell of cellsOf(instance)) bytes += cell.log.bytes + cellOverheadBytes
    }
    return { cells: this.#cellCount, bytes, droppedDeltas: this.#droppedDeltas }
  }

  async close(): Promise<void> {
    this.#lastCovered = null
    this.#instances.clear()
    this.#cellOfKey = new WeakMap()
    this.#cellCount = 0
  }

  get #fineFromMs(): number {
    return this.#agedToMs - fineKeptMs
  }

  /** Slots older than ten minutes are coarse; a range that touches one snaps to whole coarse slots. */
  #snap(question: Question): { range: Range; stepMs: number } {
    const asked = question.stepSeconds === undefined ? 0 : question.stepSeconds * 1_000
    if (!(asked >= 0))
      throw new RangeError(`Cannot cut the range: expected a step above 0, got ${asked / 1_000}`)
    const snapTo = (slotMs: number) => {
      const stepMs = Math.max(1, Math.ceil(asked / slotMs)) * slotMs
      return { range: snapOutward(question.range, stepMs), stepMs }
    }
    const fine = snapTo(this.#scale.fineMs)
    return fine.range.startMs >= this.#fineFromMs ? fine : snapTo(coarseMs)
  }

  #instanceOf(delta: Delta): InstanceCells {
    const id = `${delta.namespace}/${delta.pod}`
    const present = this.#instances.get(id)
    if (present !== undefined) return present
    const { namespace, pod } = delta
    const instance = {
      namespace,
      pod,
      coverage: new CoverageLog(this.#scale),
      views: new Map(),
      agedToMs: this.#agedToMs,
    }
    this.#instances.set(id, instance)
    return instance
  }

  #cellFor(instance: InstanceCells, { key }: CellDelta): Cell {
    const known = this.#cellOfKey.get(key)
    if (known !== undefined) return known
    const id = dimensions.map(dimension => key[dimension]).join('\0')
    const cells = instance.views.get(key.view) ?? new Map<string, Cell>()
    instance.views.set(key.view, cells)
    let cell = cells.get(id)
    if (cell === undefined) {
      if (this.#cellCount >= this.#maxCells) this.#evictIdle()
      cell = emptyCell(key, this.#scale)
      cells.set(id, cell)
      this.#cellCount++
    }
    this.#cellOfKey.set(key, cell)
    return cell
  }

  /** Ages the instances that no scrape ages any more, and lets go of those that have nothing left. */
  #ageSilent(): void {
    this.#agedToMs = slotStartMs(this.#newestMs, ageEveryMs)
    for (const [id, instance] of this.#instances) {
      if (instance.coverage.newestMs >= this.#newestMs - 2 * ageEveryMs) continue
      this.#age(instance)
      const hasCells = [...instance.views.values()].some(({ size }) => size > 0)
      if (instance.coverage.isEmpty && !hasCells) this.#instances.delete(id)
    }
  }

  #age(instance: InstanceCells): void {
    const { coverage, views } = instance
    const keepFromMs = slotStartMs(this.#newestMs - keptMs, coarseMs)
    coverage.age(this.#fineFromMs, keepFromMs)
    for (const cell of cellsOf(instance)) cell.log.age(this.#fineFromMs, keepFromMs)
    this.#remove(views, cell => cell.log.isEmpty && cell.newestAtMs < keepFromMs)
    instance.agedToMs = this.#agedToMs
  }

  #evictIdle(): void {
    const ages = [...this.#instances.values()].flatMap(instance =>
      Array.from(cellsOf(instance), cell => cell.newestAtMs),
    )
    ages.sort((a, b) => a - b)
    let leaving = Math.ceil(ages.length / 10)
    const lastToLeaveMs = ages[leaving - 1] ?? Number.NEGATIVE_INFINITY
    for (const { views } of this.#instances.values()) {
      this.#remove(views, cell => cell.newestAtMs <= lastToLeaveMs && leaving-- > 0)
    }
  }

  #remove(views: InstanceCells['views'], leaves: (cell: Cell) => boolean): void {
    let removed = 0
    for (const cells of views.values()) {
      for (const [id, cell] of cells) {
        if (!leaves(cell)) continue
        cells.delete(id)
        removed++
      }
    }
    if (removed === 0) return
    this.#cellCount -= removed
    // Keys still point at cells that left; they find theirs again, or a new one, at the next append.
    this.#cellOfKey = new WeakMap()
  }
}

function* cellsOf({ views }: InstanceCells): Generator<Cell> {
  for (const cells of views.values()) yield* cells.values()
}

function matcher(where: Selector): (key: CellKey) => boolean {
  const wanted: { dimension: Dimension; values: ReadonlySet<string> }[] = []
  for (const dimension of dimensions) {
    if (dimension === 'view') continue
    const value = where[dimension]
    if (value !== undefined) {
      wanted.push({ dimension, values: new Set(typeof value === 'string' ? [value] : value) })
    }
  }
  if (wanted.length === 0) return () => true
  return key => wanted.every(({ dimension, values }) => values.has(key[dimension]))
}
