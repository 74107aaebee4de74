import { slotLengthMs, slotStartMs, snapOutward } from '#lib/metrics/slots.ts'
import type { Delta } from '#server/store/delta.ts'
import type { Baseline, EarlierLife } from '#server/store/earlier-life.ts'
import type { LongStore } from '#server/store/layered-store.ts'
import { type Answer, maxSteps, type Question, type Range, type StoreStats } from '#server/store/store.ts'
import { StoreError } from '#server/store/store-error.ts'
import { AnswerRows } from './answer-rows.ts'
import { readBaseline, readGaps, writeBaselines, writeGap } from './baselines.ts'
import { Batch } from './batch.ts'
import { Database, historyError, isDamage } from './database.ts'
import { fineKeptMs, fineMs, keptMs, levels, minuteMs, piecesOf } from './levels.ts'
import { Names } from './names.ts'
import { readBatchCoverage, readBatchNumbers, readFile } from './reading.ts'
import {
  deleteOld,
  type MadeUntil,
  makeLevels,
  readInstanceIds,
  writeNames,
  writeNumbers,
} from './writing.ts'

const hourMs = 3_600_000
/** What a number takes that waits to be written. */
const waitingBytes = 100

export interface HistoryOptions {
  /** The file; it is made when it is not there, in a folder that is. */
  readonly path: string
  readonly intervalMs: number
  /**
   * While nothing can be written, at most so many numbers wait for it; then the oldest leave, and count as dropped.
   * Default 2,000,000, some 200 MB.
   */
  readonly maxWaiting?: number
}

/**
 * A store of two weeks in a file: slots of ten seconds for a day, of a minute for the rest. What was appended is
 * answered at once, and is in the file after `flush`.
 */
export interface History extends LongStore {
  /** Where the process left off that wrote to the file before. Ask before the first append. */
  earlierLife(): EarlierLife
  /**
   * Writes all that was appended, all or nothing, and forgets what is too old. When that fails, the problem says why, and
   * the next flush tries again, from opening the file on.
   */
  flush(): Promise<void>
}

/** Opens the history. A file that cannot be used is the history's problem, not the caller's: see there. */
export async function openHistory(options: HistoryOptions): Promise<History> {
  const history = new FileHistory(options)
  await history.open()
  return history
}

interface Opened {
  readonly database: Database
  readonly names: Names
  readonly fileId: number
  madeUntil: MadeUntil
}

class FileHistory implements History {
  readonly #options: HistoryOptions
  readonly lostBeforeMs = null
  #opened: Opened | null = null
  #problem: string | null = null
  /** What a question found damaged in the file that is open; `null` when none did. */
  #damage: string | null = null
  /** The names that waiting batches are written in, and the file that knows them. */
  #names: Names | null = null
  #fileId: number | null = null
  /** What is not in the file yet, the oldest first; the last takes what is appended. */
  #batches: Batch[] = [new Batch()]
  #newestMs = Number.NEGATIVE_INFINITY
  #heardSinceMs: number | null = null
  #gaps: readonly Range[] = []
  /** From where the life before this one left off until this one's first scrape; `null` without such a life. */
  #gap: Range | null = null
  #deletedAtMs = Number.NEGATIVE_INFINITY
  #droppedDeltas = 0
  #last: Promise<unknown> = Promise.resolve()
  #closed: Promise<void> | null = null

  constructor(options: HistoryOptions) {
    this.#options = options
  }

  get #maxWaiting(): number {
    return this.#options.maxWaiting ?? 2_000_000
  }

  get problem(): string | null {
    return this.#problem ?? this.#damage
  }

  get canAnswer(): boolean {
    return this.#opened !== null
  }

  get minimumWindowMs(): number {
    return 2 * this.#options.intervalMs
  }

  get heardSinceMs(): number | null {
    return this.#heardSinceMs
  }

  get gaps(): readonly Range[] {
    return this.#gap !== null && this.#gap.endMs > this.#gap.startMs ? [...this.#gaps, this.#gap] : this.#gaps
  }

  earlierLife(): EarlierLife {
    const countedUntilMs = this.#gap?.startMs ?? null
    return {
      countedUntilMs,
      takeBaseline: async (namespace, pod) =>
        countedUntilMs === null
          ? null
          : this.#alone(() => this.#takeBaseline(namespace, pod, countedUntilMs)),
    }
  }

  async open(): Promise<void> {
    await this.#alone(() => this.#tryOpen())
  }

  append(delta: Delta): void {
    const names = this.#names
    if (names === null) return
    if (delta.endMs < slotStartMs(this.#newestMs - keptMs, hourMs)) {
      this.#droppedDeltas++
      return
    }
    const { startMs, endMs } = delta
    this.#heardSinceMs = Math.min(this.#heardSinceMs ?? endMs, startMs, endMs)
    this.#newestMs = Math.max(this.#newestMs, endMs)
    const batch = this.#batches.at(-1)!
    const slot = batch.slotAt(slotStartMs(endMs, fineMs))
    const instance = names.instance(delta.namespace, delta.pod)
    instance.newestMs = Math.max(instance.newestMs, endMs)
    for (const cellDelta of delta.cells) {
      const cell = names.cell(instance, cellDelta.key)
      cell.newestMs = Math.max(cell.newestMs, endMs)
      names.fields.tell(cellDelta, (field, value) => batch.add(slot, cell, field, value))
      if (cellDelta.tcpOpen === 0) instance.open.delete(cell)
      else if (cellDelta.tcpOpen !== undefined) instance.open.set(cell, cellDelta.tcpOpen)
    }
    batch.cover(slot, instance, Math.max(0, Math.round(endMs - startMs)), Math.round(endMs))
    if (delta.exposition) batch.keepBaseline(instance, endMs, delta.exposition)
    if (delta.isRecovered && this.#gap !== null && this.#gap.endMs <= this.#gap.startMs) {
      this.#gap = { startMs: this.#gap.startMs, endMs }
    }
    batch.deltas++
  }

  sum(question: Question): Promise<Answer> {
    return this.#alone(() => this.#sum(question))
  }

  lastCompleteSlotEndMs(nowMs: number): number | null {
    const heard = [...(this.#names?.instances() ?? [])].filter(({ newestMs }) => newestMs > 0)
    if (heard.length === 0) return null
    const { intervalMs } = this.#options
    const answering = heard.filter(({ newestMs }) => newestMs >= nowMs - 3 * intervalMs)
    const reachedMs = answering.reduce((reached, { newestMs }) => Math.min(reached, newestMs), nowMs)
    return slotStartMs(reachedMs, slotLengthMs(intervalMs))
  }

  retained(nowMs: number): Range {
    return { startMs: slotStartMs(nowMs - keptMs, hourMs), endMs: nowMs }
  }

  stats(): StoreStats {
    const waiting = this.#batches.reduce((total, { size }) => total + size, 0)
    return {
      cells: this.#names?.cellCount ?? 0,
      bytes: waiting * waitingBytes,
      maxBytes: this.#maxWaiting * waitingBytes,
      evictedCells: 0,
      droppedDeltas: this.#droppedDeltas,
    }
  }

  flush(): Promise<void> {
    return this.#alone(() => this.#flush())
  }

  close(): Promise<void> {
    this.#closed ??= this.#alone(async () => {
      await this.#flush()
      this.#opened?.database.close()
      this.#opened = null
    })
    return this.#closed
  }

  /** Runs one thing at a time, so that a question finds each number either in the file or waiting for it. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work)
    this.#last = result.catch(() => {})
    return result
  }

  async #tryOpen(): Promise<Opened | null> {
    try {
      this.#opened = await this.#open()
      this.#problem = null
    } catch (error) {
      this.#problem = historyError(error, `open history ${this.#options.path}`).message
    }
    return this.#opened
  }

  async #open(): Promise<Opened> {
    const database = await Database.open(this.#options.path)
    try {
      const meta = await readMeta(database)
      const fileId = meta.get('file_id')
      if (fileId === undefined) throw new RangeError('expected a file_id in the table meta, found none')
      const isSame = fileId === this.#fileId
      const names = isSame && this.#names !== null ? this.#names : await Names.of(database)
      if (!isSame) {
        // Names of another file mean something else here.
        for (const { deltas } of this.#batches.splice(0)) this.#droppedDeltas += deltas
        this.#batches = [new Batch()]
        this.#names = names
        this.#fileId = fileId
        this.#damage = null
        this.#newestMs = meta.get('newest_ms') ?? Number.NEGATIVE_INFINITY
        this.#heardSinceMs = meta.get('heard_since_ms') ?? null
        this.#gaps = await readGaps(database)
        this.#gap = Number.isFinite(this.#newestMs)
          ? { startMs: this.#newestMs, endMs: this.#newestMs }
          : null
      }
      const made = levels.flatMap(level => {
        const untilMs = meta.get(`made_${level.seconds}`)
        return untilMs === undefined ? [] : [[level, untilMs] as const]
      })
      return { database, names, fileId, madeUntil: new Map(made) }
    } catch (error) {
      database.close()
      throw error
    }
  }

  async #flush(): Promise<void> {
    this.#leaveDamaged()
    const opened = this.#opened ?? (await this.#tryOpen())
    this.#dropBeyondBound()
    if (opened === null) return
    const { database, names } = opened
    const batches = this.#batches.filter(({ deltas }) => deltas > 0)
    if (batches.length === 0) return
    this.#batches = [...batches, new Batch()]
    const newNames = names.unsaved()
    const newestMs = this.#newestMs
    const isHourOver = slotStartMs(newestMs, hourMs) !== this.#deletedAtMs
    let madeUntil = opened.madeUntil
    try {
      await database.transaction(async () => {
        await writeNames(database, newNames)
        await writeNumbers(database, batches, madeUntil)
        await writeBaselines(database, batches)
        if (this.#gap !== null) await writeGap(database, this.#gap)
        madeUntil = await makeLevels(database, madeUntil, oldestOf(batches), newestMs)
        if (isHourOver) await deleteOld(database, newestMs, names.firstKnownCell)
        await writeMeta(database, {
          newest_ms: newestMs,
          heard_since_ms: this.#heardSinceMs ?? newestMs,
          ...Object.fromEntries(Array.from(madeUntil, ([{ seconds }, ms]) => [`made_${seconds}`, ms])),
        })
      })
    } catch (error) {
      await this.#failed(opened, error)
      return
    }
    names.saved(newNames)
    opened.madeUntil = madeUntil
    this.#batches = this.#batches.slice(batches.length)
    for (const batch of batches) batch.releaseBaselines()
    this.#problem = null
    if (!isHourOver) return
    this.#deletedAtMs = slotStartMs(newestMs, hourMs)
    names.forgetIdle(newestMs)
    const keptFromMs = slotStartMs(newestMs - keptMs, hourMs)
    names.keepInstances(await readInstanceIds(database), keptFromMs)
    this.#heardSinceMs = Math.max(this.#heardSinceMs ?? keptFromMs, keptFromMs)
  }

  /** Opens a damaged file again, so that it can be moved away. */
  #leaveDamaged(): void {
    if (this.#damage === null) return
    this.#opened?.database.close()
    this.#opened = null
  }

  /** Keeps what can still be read; what cannot is opened again by the next flush. */
  async #failed(opened: Opened, error: unknown): Promise<void> {
    this.#problem = historyError(error, `write history ${this.#options.path}`).message
    const isReadable = await opened.database.columns('SELECT count(*) FROM meta').then(
      () => true,
      () => false,
    )
    if (isReadable) return
    opened.database.close()
    this.#opened = null
    await this.#tryOpenAfter(this.#problem)
  }

  async #tryOpenAfter(problem: string): Promise<void> {
    await this.#tryOpen()
    this.#problem ??= problem
  }

  /** A baseline of this life would count again what waits to be written. */
  async #takeBaseline(namespace: string, pod: string, untilMs: number): Promise<Baseline | null> {
    if (this.#opened === null) return null
    const { database, names } = this.#opened
    const baseline = await readBaseline(database, names.instance(namespace, pod))
    return baseline !== null && baseline.endMs <= untilMs ? baseline : null
  }

  #dropBeyondBound(): void {
    let waiting = this.#batches.reduce((total, { size }) => total + size, 0)
    while (waiting > this.#maxWaiting && this.#batches.length > 1) {
      const oldest = this.#batches.shift()!
      waiting -= oldest.size
      this.#droppedDeltas += oldest.deltas
    }
  }

  async #sum(question: Question): Promise<Answer> {
    const { range, stepMs } = this.#snap(question)
    const isStepped = question.stepSeconds !== undefined
    const lengthMs = range.endMs - range.startMs
    const stepCount = isStepped ? lengthMs / stepMs : 1
    if (stepCount > maxSteps) {
      throw new RangeError(`Cannot cut the range: expected at most ${maxSteps} steps, got ${stepCount}`)
    }
    const names = this.#names
    if (this.#opened === null || names === null) {
      throw new StoreError(
        this.#problem ?? `Cannot ask history ${this.#options.path}: it is closed`,
        'See the log',
      )
    }
    const { database, madeUntil } = this.#opened
    const rowMs = isStepped ? stepMs : Math.max(1_000, lengthMs)
    const pieces = piecesOf(range, isStepped ? stepMs : null, level => madeUntil.get(level) ?? 0)
    const reading = { question, pieces, startMs: range.startMs, stepMs: rowMs }
    const kept = await readFile(database, reading, names).catch((error: unknown) => {
      const { message, reason, cure } = historyError(error, `read history ${this.#options.path}`)
      if (isDamage(error)) this.#damage = message
      throw new StoreError(reason, cure, { cause: error })
    })
    // From here on nothing waits: what is appended meanwhile is in all of this, or in none.
    const rows = new AnswerRows(range, rowMs, names.fields, question.withStatuses ?? false)
    kept.cover(rows)
    readBatchCoverage(this.#batches, range, rows)
    kept.add(rows)
    readBatchNumbers(this.#batches, question, range, rows)
    return { range, stepSeconds: stepMs / 1_000, rows: rows.rows(), coverage: rows.coverage(isStepped) }
  }

  /** Slots older than a day are of a minute; a range that touches one snaps to whole minutes. */
  #snap(question: Question): { range: Range; stepMs: number } {
    const asked = question.stepSeconds === undefined ? 0 : question.stepSeconds * 1_000
    if (!(asked >= 0))
      throw new RangeError(`Cannot cut the range: expected a step above 0, got ${asked / 1_000}`)
    const snapTo = (slotMs: number) => {
      const stepMs = Math.max(1, Math.ceil(asked / slotMs)) * slotMs
      return { range: snapOutward(question.range, stepMs), stepMs }
    }
    const fine = snapTo(fineMs)
    const fineFromMs = slotStartMs(this.#newestMs - fineKeptMs, minuteMs)
    return fine.range.startMs >= fineFromMs ? fine : snapTo(minuteMs)
  }
}

async function readMeta(database: Database): Promise<Map<string, number>> {
  const [names = [], values = []] = await database.columns('SELECT name, value FROM meta')
  return new Map(names.map((name, i) => [String(name), Number(values[i])]))
}

async function writeMeta(database: Database, values: Readonly<Record<string, number>>): Promise<void> {
  for (const [name, value] of Object.entries(values)) {
    await database.run('DELETE FROM meta WHERE name = ?', [name])
    await database.run('INSERT INTO meta VALUES (?, ?)', [name, value])
  }
}

function oldestOf(batches: readonly Batch[]): number {
  return Math.min(...batches.flatMap(({ slots }) => [...slots.keys()]))
}
