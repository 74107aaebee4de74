import { mergeHistograms } from '#lib/metrics/histogram.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import { counterFields } from '#server/store/counter-fields.ts'
import {
  type CounterField,
  clientFamilies,
  meaningOf,
  type SeriesMeaning,
} from '#server/store/series-meaning.ts'
import { type CellKey, dimensions, type Question, type Row, type Sums } from '#server/store/store.ts'
import { Histograms } from './histograms.ts'
import { ScrapedInstances } from './scraped-instances.ts'
import type { Point, Timeline } from './timelines.ts'

/** A family's numbers, told apart by labels. */
export interface FamilyNumbers {
  readonly family: string
  readonly timelines: readonly Timeline[]
}

/** How long an instance was covered in a step of the range, `null` when it was not read in it. */
export type CoveredMs = (namespace: string, pod: string, step: number) => number | null

type CounterMeaning = SeriesMeaning & { readonly kind: 'counter' }
type Rate = 'responsesPerSecond' | 'readBytesPerSecond' | 'writeBytesPerSecond'

const rates: Partial<Record<CounterField, Rate>> = {
  success: 'responsesPerSecond',
  failure: 'responsesPerSecond',
  readBytes: 'readBytesPerSecond',
  writeBytes: 'writeBytesPerSecond',
}

interface TallyRow {
  readonly key: readonly string[]
  readonly step: number
  readonly sums: Sums
  readonly statuses: Map<string, { requests: number; perSecond: number }>
}

/** Adds numbers up to the rows that a question asks for. */
export class Tally {
  readonly #question: Question
  readonly #stepOf: (atMs: number) => number
  readonly #coveredMs: CoveredMs
  readonly #scraped: ScrapedInstances
  readonly #rows = new Map<string, TallyRow>()

  constructor(question: Question, mesh: MeshState, stepOf: (atMs: number) => number, coveredMs: CoveredMs) {
    this.#question = question
    this.#stepOf = stepOf
    this.#coveredMs = coveredMs
    this.#scraped = new ScrapedInstances(mesh)
  }

  /** Adds all families of a view. Throws a RangeError when latencies of unlike bounds would have to be merged. */
  add(numbers: readonly FamilyNumbers[]): void {
    const told = this.#toldByAddress(numbers)
    for (const { family, timelines } of numbers) {
      const histograms = new Histograms()
      for (const { labels, points } of timelines) {
        const meaning = this.#meaningOf(family, labels)
        if (meaning === null || meaning.kind === 'processStart' || !this.#isWanted(meaning.key)) continue
        const { key } = meaning
        if (meaning.kind === 'bucket') histograms.add(key, labels, meaning.le, points)
        else if (meaning.kind === 'open') this.#addOpen(key, points)
        else if (key.peerId !== '' || family.startsWith(clientFamilies) || !told.has(refusalsOf(meaning)))
          this.#addCounts(meaning, points)
      }
      for (const { key, atMs, latency } of histograms.all()) {
        const { sums } = this.#rowOf(key, this.#stepOf(atMs))
        sums.latency = sums.latency === null ? latency : mergeHistograms(sums.latency, latency)
      }
    }
  }

  /** The rows that have numbers, in order of their values and steps. */
  rows(startMs: number, stepMs: number): readonly Row[] {
    const rows: (Row & { readonly id: string })[] = []
    for (const { key, step, sums, statuses } of this.#rows.values()) {
      const hasNumbers = counterFields.some(field => sums[field] > 0) || sums.tcpOpen > 0
      if (!hasNumbers && sums.latency === null) continue
      if (this.#question.withStatuses) sums.statuses = statuses
      rows.push({ id: key.join('\0'), key, atMs: startMs + step * stepMs, sums })
    }
    rows.sort((a, b) => (a.id === b.id ? a.atMs - b.atMs : a.id < b.id ? -1 : 1))
    return rows.map(({ key, atMs, sums }) => ({ key, atMs, sums }))
  }

  #addOpen(key: CellKey, points: readonly Point[]): void {
    for (const { atMs, value } of points) {
      const step = this.#stepOf(atMs)
      const isRead = this.#coveredMs(key.namespace, key.pod, step) !== null
      if (isRead && value > 0) this.#rowOf(key, step).sums.tcpOpen += Math.round(value)
    }
  }

  #addCounts({ key, field, status }: CounterMeaning, points: readonly Point[]): void {
    const rate = rates[field]
    for (const { atMs, value } of points) {
      const count = Math.round(value)
      if (!(count > 0)) continue
      const step = this.#stepOf(atMs)
      const { sums, statuses } = this.#rowOf(key, step)
      const coveredMs = this.#coveredMs(key.namespace, key.pod, step)
      const perSecond = coveredMs ? (count * 1_000) / coveredMs : 0
      sums[field] += count
      if (rate !== undefined) sums[rate] += perSecond
      if (!this.#question.withStatuses || status === null) continue
      const before = statuses.get(status)
      statuses.set(status, {
        requests: (before?.requests ?? 0) + count,
        perSecond: (before?.perSecond ?? 0) + perSecond,
      })
    }
  }

  /** Whose refusals of which field are told with addresses, too: those without are the same ones. */
  #toldByAddress(numbers: readonly FamilyNumbers[]): ReadonlySet<string> {
    const told = new Set<string>()
    const { view } = this.#question.where
    if (view !== 'denied' && view !== 'limited') return told
    for (const { family, timelines } of numbers) {
      if (!family.startsWith(clientFamilies)) continue
      for (const { labels } of timelines) {
        const meaning = this.#meaningOf(family, labels)
        if (meaning?.kind === 'counter') told.add(refusalsOf(meaning))
      }
    }
    return told
  }

  #meaningOf(name: string, labels: Readonly<Record<string, string>>): SeriesMeaning | null {
    return meaningOf({ name, labels: new Map(Object.entries(labels)) }, this.#scraped.of(labels))
  }

  #isWanted(key: CellKey): boolean {
    const { where } = this.#question
    return dimensions.every(dimension => {
      const wanted = where[dimension]
      if (wanted === undefined) return true
      return typeof wanted === 'string' ? wanted === key[dimension] : wanted.includes(key[dimension])
    })
  }

  #rowOf(cell: CellKey, step: number): TallyRow {
    const key = this.#question.by.map(dimension => cell[dimension])
    const id = `${key.join('\0')}\0${step}`
    const known = this.#rows.get(id)
    if (known !== undefined) return known
    const row: TallyRow = { key, step, sums: nothing(), statuses: new Map() }
    this.#rows.set(id, row)
    return row
  }
}

function refusalsOf({ key, field }: CounterMeaning): string {
  return `${key.namespace}/${key.pod} ${field}`
}

function nothing(): Sums {
  return {
    success: 0,
    failure: 0,
    latency: null,
    actualSuccess: 0,
    actualFailure: 0,
    denied: 0,
    limited: 0,
    unrouted: 0,
    tcpOpened: 0,
    tcpClosed: 0,
    tcpOpen: 0,
    readBytes: 0,
    writeBytes: 0,
    responsesPerSecond: 0,
    readBytesPerSecond: 0,
    writeBytesPerSecond: 0,
    statuses: null,
  }
}
