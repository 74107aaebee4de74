import { slotLengthMs, slotStartMs, snapOutward } from '#lib/metrics/slots.ts'
import type { CellDelta, Delta } from '#server/store/delta.ts'
import {
  type Answer,
  type CellKey,
  type Dimension,
  dimensions,
  type InstanceCoverage,
  maxSteps,
  type Question,
  type Range,
  type Row,
  type Store,
  type StoreStats,
  type View,
} from '#server/store/store.ts'
import { appendToCell, type Cell, type CellOwner, emptyCell } from './cell.ts'
import { CoverageLog } from './coverage.ts'
import type { CellGroup } from './group-index.ts'
import { GroupIndexes } from './group-indexes.ts'
import { GroupSums } from './group-sums.ts'
import { RememberedAnswers } from './remembered-answers.ts'
import type { TimeScale } from './slot-log.ts'
import { StatusFields } from './status-fields.ts'

const fineKeptMs = 600_000
const keptMs = 3_600_000
const coarseMs = 10_000
const ageEveryMs = 60_000
/** What a cell costs besides its log: 18 short strings, most of them shared, the objects that hold them, and its groups. */
const cellOverheadBytes = 900
/** How much is left of what is bounded once cells had to leave. */
const roomyRatio = 0.9

export interface MemoryStoreOptions {
  readonly intervalMs: number
  /** Above this, cells leave: those that were idle longest, with what they counted. Default 200,000. */
  readonly maxCells?: number
  /** The same for the memory that they take. Default 256 MiB. */
  readonly maxBytes?: number
}

interface InstanceCells extends CellOwner {
  readonly namespace: string
  readonly pod: string
  readonly coverage: CoverageLog
  /** A question is about one view: the cells of others need not be looked at. */
  readonly views: Map<View, Map<string, Cell>>
  agedToMs: number
}

interface Covered {
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
  readonly #maxBytes: number
  readonly #scale: TimeScale
  readonly #instances = new Map<string, InstanceCells>()
  /** Keys are long to compare; whoever appends the same key object again finds its cell here. */
  #cellOfKey = new WeakMap<CellKey, Cell>()
  readonly #statusFields = new StatusFields()
  readonly #groupIndexes = new GroupIndexes()
  readonly #remembered = new RememberedAnswers()
  readonly problem = null
  readonly gaps = []
  #cellCount = 0
  #bytes = 0
  #evictedCells = 0
  #lostBeforeMs: number | null = null
  #droppedDeltas = 0
  #heardSinceMs: number | null = null
  #newestMs = Number.NEGATIVE_INFINITY
  /** What `#cover` found last; `null` once something was appended. */
  #lastCovered: { readonly id: string; readonly covered: readonly Covered[] } | null = null
  #agedToMs = Number.NEGATIVE_INFINITY

  constructor(options: MemoryStoreOptions) {
    this.#intervalMs = options.intervalMs
    this.#maxCells = options.maxCells ?? 200_000
    this.#maxBytes = options.maxBytes ?? 256 * 1_024 * 1_024
    this.#scale = { fineMs: slotLengthMs(options.intervalMs), coarseMs }
  }

  get minimumWindowMs(): number {
    return 2 * this.#intervalMs
  }

  get heardSinceMs(): number | null {
    return this.#heardSinceMs
  }

  get lostBeforeMs(): number | null {
    return this.#lostBeforeMs
  }

  append(delta: Delta): void {
    if (delta.endMs < slotStartMs(this.#newestMs - keptMs, coarseMs)) {
      this.#droppedDeltas++
      return
    }
    this.#heardSinceMs = Math.min(this.#heardSinceMs ?? delta.endMs, delta.startMs, delta.endMs)
    this.#newestMs = Math.max(this.#newestMs, delta.endMs)
    this.#lastCovered = null
    this.#remembered.countedAt(delta.endMs)
    if (slotStartMs(this.#newestMs, ageEveryMs) !== this.#agedToMs) this.#ageSilent()
    const instance = this.#instanceOf(delta)
    // Each instance ages at its own scrape, so that no scrape waits for all of them.
    if (instance.agedToMs !== this.#agedToMs) this.#age(instance)
    this.#measured(instance.coverage, () =>
      instance.coverage.append(delta.startMs, delta.endMs, this.#fineFromMs),
    )
    for (const cellDelta of delta.cells) {
      const cell = this.#cellFor(instance, cellDelta)
      const before = cell.log.bytes
      appendToCell(cell, cellDelta, delta.endMs, this.#fineFromMs, this.#statusFields)
      this.#bytes += cell.log.bytes - before
    }
    if (this.#cellCount > this.#maxCells || this.#bytes > this.#maxBytes) this.#evictIdle()
  }

  async sum(question: Question): Promise<Answer> {
    const remembered = this.#remembered.find(question)
    if (remembered) return remembered
    const { range, stepMs } = this.#snap(question)
    const stepCount = question.stepSeconds === undefined ? 1 : (range.endMs - range.startMs) / stepMs
    if (stepCount > maxSteps) {
      throw new RangeError(`Cannot cut the range: expected at most ${maxSteps} steps, got ${stepCount}`)
    }
    const rowMs = stepCount === 1 ? Math.max(1, range.endMs - range.startMs) : stepMs
    const statusFields = question.withStatuses ? this.#statusFields : null
    const sums = new GroupSums(range, rowMs, statusFields)
    const coverage = this.#cover(range, rowMs).map(({ told, coveredMsByStep }) =>
      question.stepSeconds === undefined ? told : { ...told, coveredMsByStep },
    )
    const rows: Row[] = []
    const { view } = question.where
    const { groups } = this.#groupIndexes.of(view, question.by, () => this.#cellsOf(view))
    const { matchesGroup, matchesCell } = matchers(question)
    for (const group of groups) if (matchesGroup(group)) sums.addRows(rows, group, matchesCell)
    const answer = { range, stepSeconds: stepMs / 1_000, rows, coverage }
    this.#remembered.keep(question, answer)
    return answer
  }

  /** Finds how much of a range each instance's scrapes covered, tells its cells, and gives those that were scraped in it. */
  #cover(range: Range, rowMs: number): readonly Covered[] {
    const id = `${range.startMs} ${range.endMs} ${rowMs}`
    if (this.#lastCovered?.id === id) return this.#lastCovered.covered
    const covered: Covered[] = []
    for (const instance of this.#instances.values()) {
      const { namespace, pod, coverage } = instance
      const { coveredMsByStep, lastSampleAtMs } = coverage.read(range.startMs, range.endMs, rowMs)
      instance.coveredMsByStep = lastSampleAtMs === null ? null : coveredMsByStep
      if (lastSampleAtMs === null) continue
      const coveredMs = coveredMsByStep.reduce((a, b) => a + b, 0)
      covered.push({ told: { namespace, pod, coveredMs, lastSampleAtMs }, coveredMsByStep })
    }
    this.#lastCovered = { id, covered }
    return covered
  }

  *#cellsOf(view: View): Generator<Cell> {
    for (const { views } of this.#instances.values()) yield* views.get(view)?.values() ?? []
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

  stats(): StoreStats {
    return {
      cells: this.#cellCount,
      bytes: this.#bytes,
      maxBytes: this.#maxBytes,
      evictedCells: this.#evictedCells,
      droppedDeltas: this.#droppedDeltas,
    }
  }

  async close(): Promise<void> {
    this.#lastCovered = null
    this.#remembered.clear()
    this.#groupIndexes.clear()
    this.#instances.clear()
    this.#cellOfKey = new WeakMap()
    this.#cellCount = 0
    this.#bytes = 0
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
    const instance: InstanceCells = {
      namespace,
      pod,
      coverage: new CoverageLog(this.#scale),
      coveredMsByStep: null,
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
      cell = emptyCell(key, this.#scale, instance)
      cells.set(id, cell)
      this.#groupIndexes.add(cell)
      this.#cellCount++
      this.#bytes += cellOverheadBytes
    }
    this.#cellOfKey.set(key, cell)
    return cell
  }

  /** Ages the instances that no scrape ages any more, and lets go of those that have nothing left. */
  #ageSilent(): void {
    this.#remembered.clear()
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
    this.#measured(coverage, () => coverage.age(this.#fineFromMs, keepFromMs))
    for (const { log } of cellsOf(instance)) this.#measured(log, () => log.age(this.#fineFromMs, keepFromMs))
    this.#remove(views, cell => cell.log.isEmpty && cell.newestAtMs < keepFromMs)
    instance.agedToMs = this.#agedToMs
  }

  /** Lets the cells go that were idle longest, until there is room again. */
  #evictIdle(): void {
    const cells = [...this.#instances.values()].flatMap(instance => [...cellsOf(instance)])
    cells.sort((a, b) => a.newestAtMs - b.newestAtMs)
    let [count, bytes] = [this.#cellCount, this.#bytes]
    const leaving = new Set<Cell>()
    for (const cell of cells) {
      if (count <= this.#maxCells * roomyRatio && bytes <= this.#maxBytes * roomyRatio) break
      leaving.add(cell)
      count--
      bytes -= cell.log.bytes + cellOverheadBytes
      this.#lostBeforeMs = Math.max(this.#lostBeforeMs ?? 0, cell.newestAtMs + 1)
    }
    this.#evictedCells += leaving.size
    for (const { views } of this.#instances.values()) this.#remove(views, cell => leaving.has(cell))
  }

  /** Does something to a log, and keeps count of its memory. */
  #measured(log: { readonly bytes: number }, change: () => void): void {
    const before = log.bytes
    change()
    this.#bytes += log.bytes - before
  }

  #remove(views: InstanceCells['views'], leaves: (cell: Cell) => boolean): void {
    let removed = 0
    for (const cells of views.values()) {
      for (const [id, cell] of cells) {
        if (!leaves(cell)) continue
        cells.delete(id)
        this.#groupIndexes.remove(cell)
        this.#bytes -= cell.log.bytes + cellOverheadBytes
        removed++
      }
    }
    if (removed === 0) return
    this.#remembered.clear()
    this.#cellCount -= removed
    // Keys still point at cells that left; they find theirs again, or a new one, at the next append.
    this.#cellOfKey = new WeakMap()
  }
}

function* cellsOf({ views }: InstanceCells): Generator<Cell> {
  for (const cells of views.values()) yield* cells.values()
}

/** What is wanted of a group's values, and of those of its cells that the group does not tell. */
function matchers({ by, where }: Question): {
  readonly matchesGroup: (group: CellGroup) => boolean
  readonly matchesCell: (cell: Cell) => boolean
} {
  const ofGroup: { at: number; values: ReadonlySet<string> }[] = []
  const ofCell: { dimension: Dimension; values: ReadonlySet<string> }[] = []
  for (const dimension of dimensions) {
    const value = where[dimension]
    if (dimension === 'view' || value === undefined) continue
    const values = new Set(typeof value === 'string' ? [value] : value)
    const at = by.indexOf(dimension)
    if (at === -1) ofCell.push({ dimension, values })
    else ofGroup.push({ at, values })
  }
  return {
    matchesGroup: ({ key }) => ofGroup.every(({ at, values }) => values.has(key[at]!)),
    matchesCell: ({ key }) => ofCell.every(({ dimension, values }) => values.has(key[dimension])),
  }
}
