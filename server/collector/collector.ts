import { setMaxListeners } from 'node:events'
import type { Registry } from 'prom-client'
import type { Platform } from '#server/platform/platform.ts'
import type { Delta } from '#server/store/delta.ts'
import type { EarlierLife } from '#server/store/earlier-life.ts'
import type { Store } from '#server/store/store.ts'
import type { TargetState, Targets } from '#server/store/targets.ts'
import { BodyBuffers } from './body-buffers.ts'
import { type CollectorMetrics, collectorMetrics } from './collector-metrics.ts'
import { Pieces } from './pieces.ts'
import { phaseMs, skippedIntervals, untilPhaseMs } from './schedule.ts'
import { SeriesBudget, type SeriesBudgetOptions } from './series-budget.ts'
import { isSameTarget, type ScrapeOutcome, Target } from './target.ts'

export interface CollectorOptions {
  readonly platform: Platform
  readonly store: Store
  /** Where the collector's own metrics go. */
  readonly registry: Registry
  readonly intervalMs: number
  /** Unix milliseconds. */
  readonly now: () => number
  /** Where an earlier process left off, when a later one is to know the same of this one: deltas hold expositions then. */
  readonly earlier?: EarlierLife | null
  /** How long one scrape may take in all. Default: an interval, at least 3 s. */
  readonly timeoutMs?: number
  /** Of one exposition, decompressed. Default 64 MiB. */
  readonly maxBodyBytes?: number
  /** How many series proxies may have. */
  readonly series?: SeriesBudgetOptions
  /** Told once of each proxy that has too many series, and once when it has not any more. */
  readonly log?: (level: 'info' | 'warn', message: string) => void
  /** Scrapes that run at a time; others that are due wait for their turn. Default 32. */
  readonly concurrency?: number
}

/** Scrapes every meshed instance of the platform and hands the deltas to the store, until it is closed. */
export interface Collector extends Targets {
  /** Series that proxies have and may have, and how many proxies are left out for it. */
  series(): { used: number; perProxy: number; total: number; refused: number }
  /** Stops scraping; what was scraped stays in the store. */
  close(): Promise<void>
}

/** Starts scraping at once. Targets come and go with the platform's instances. */
export function startCollector(options: CollectorOptions): Collector {
  return new ScrapingCollector(options)
}

interface Entry {
  target: Target
  readonly id: string
  readonly phaseMs: number
  /** Until the next scrape; `null` while one is due or runs. */
  timer: ReturnType<typeof setTimeout> | null
  /** Its newest scrape had too many series. */
  isOverBudget: boolean
}

/** How many proxies that left are remembered, so that one that comes back is not counted twice. */
const maxRemembered = 10_000
/** Where in an interval a round ends: after the scrapes that are spread over it. */
const roundEndRatio = 0.9

class ScrapingCollector implements Collector {
  readonly #options: CollectorOptions
  readonly #concurrency: number
  readonly #startedAtMs: number
  readonly #buffers = new BodyBuffers()
  readonly #series: SeriesBudget
  readonly #stop = new AbortController()
  readonly #pieces = new Pieces()
  readonly #metrics: CollectorMetrics
  readonly #entries = new Map<string, Entry>()
  readonly #due = new Set<Entry>()
  readonly #running = new Set<Promise<void>>()
  readonly #listeners = new Set<() => void>()
  readonly #lastHeardMs = new Map<string, number>()
  readonly #unsubscribe: () => void
  #roundTimer: ReturnType<typeof setTimeout> | undefined

  constructor(options: CollectorOptions) {
    this.#options = options
    this.#concurrency = options.concurrency ?? 32
    setMaxListeners(this.#concurrency, this.#stop.signal)
    this.#startedAtMs = options.now()
    this.#series = new SeriesBudget(options.series)
    this.#metrics = collectorMetrics(options.registry, () => this.list(), this.#series)
    this.#unsubscribe = options.platform.subscribe(() => this.#follow())
    this.#follow()
    this.#planRoundEnd()
  }

  list(): readonly TargetState[] {
    return Array.from(this.#entries.values(), entry => entry.target.state())
  }

  series(): ReturnType<Collector['series']> {
    const { used, perTarget: perProxy, total } = this.#series
    const refused = [...this.#entries.values()].filter(({ isOverBudget }) => isOverBudget).length
    return { used, perProxy, total, refused }
  }

  subscribe(listener: () => void): () => void {
    // The same function may be given twice; each subscription ends on its own.
    const own = () => listener()
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  async close(): Promise<void> {
    this.#unsubscribe()
    clearTimeout(this.#roundTimer)
    for (const id of this.#entries.keys()) this.#remove(id)
    this.#listeners.clear()
    this.#stop.abort()
    await Promise.all(this.#running)
  }

  /** Makes the targets those of the platform's present state. */
  #follow(): void {
    if (this.#stop.signal.aborted) return
    const instances = new Map(
      this.#options.platform
        .current()
        .instances.filter(({ meshed, ip }) => meshed && ip !== '')
        .map(instance => [`${instance.namespace}/${instance.name}`, instance]),
    )
    for (const [id, { target }] of this.#entries) {
      const instance = instances.get(id)
      if (instance === undefined || !isSameTarget(instance, target.instance)) this.#remove(id)
    }
    for (const [id, instance] of instances) {
      if (this.#entries.has(id)) continue
      const { earlier = null } = this.#options
      const notBeforeMs = this.#lastHeardMs.get(id) ?? earlier?.countedUntilMs ?? this.#startedAtMs
      const target = new Target(instance, notBeforeMs, this.#buffers, this.#series.open(), earlier)
      const entry: Entry = {
        target,
        id,
        phaseMs: phaseMs(id, this.#options.intervalMs),
        timer: null,
        isOverBudget: false,
      }
      this.#entries.set(id, entry)
      this.#due.add(entry)
    }
    this.#scrapeDue()
  }

  #remove(id: string): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    this.#entries.delete(id)
    this.#due.delete(entry)
    if (entry.timer !== null) clearTimeout(entry.timer)
    entry.target.close()
    const { lastScrapeAtMs } = entry.target
    if (lastScrapeAtMs === null) return
    this.#lastHeardMs.delete(id)
    this.#lastHeardMs.set(id, lastScrapeAtMs)
    const oldest = this.#lastHeardMs.keys().next()
    if (this.#lastHeardMs.size > maxRemembered && !oldest.done) this.#lastHeardMs.delete(oldest.value)
  }

  #scrapeDue(): void {
    for (const entry of this.#due) {
      if (this.#running.size >= this.#concurrency) return
      this.#due.delete(entry)
      const run = this.#scrape(entry).finally(() => {
        this.#running.delete(run)
        this.#scrapeDue()
      })
      this.#running.add(run)
    }
  }

  async #scrape(entry: Entry): Promise<void> {
    const { intervalMs, timeoutMs, maxBodyBytes, now, store } = this.#options
    const outcome = await entry.target.scrape(
      {
        timeoutMs: timeoutMs ?? Math.max(3_000, intervalMs),
        maxBodyBytes: maxBodyBytes ?? 64 * 1_024 * 1_024,
        signal: this.#stop.signal,
      },
      this.#pieces,
      now,
      delta => {
        if (this.#entries.get(entry.id) === entry) store.append(this.#toldOf(delta))
      },
    )
    if (this.#entries.get(entry.id) !== entry) return
    this.#metrics.count(outcome)
    this.#tellBudget(entry, outcome)
    const waitMs =
      untilPhaseMs(now(), entry.phaseMs, intervalMs) +
      skippedIntervals(entry.target.failures, intervalMs) * intervalMs
    entry.timer = setTimeout(() => {
      entry.timer = null
      this.#due.add(entry)
      this.#scrapeDue()
    }, waitMs)
  }

  #tellBudget(entry: Entry, outcome: ScrapeOutcome): void {
    const { log } = this.#options
    const isOver = outcome.kind === 'failed' && outcome.error.code === 'SCRAPE_TOO_MANY_SERIES'
    if (isOver && !entry.isOverBudget) log?.('warn', `Left out ${entry.id}: ${outcome.error.message}`)
    // Other failures say nothing of its series.
    if (outcome.kind === 'read' && entry.isOverBudget) log?.('info', `Count ${entry.id} again`)
    entry.isOverBudget = isOver || (entry.isOverBudget && outcome.kind === 'failed')
  }

  /** What began before this process did, was counted by nobody in between. */
  #toldOf(delta: Delta): Delta {
    return delta.startMs < this.#startedAtMs ? { ...delta, isRecovered: true } : delta
  }

  #planRoundEnd(): void {
    const { intervalMs, now } = this.#options
    const waitMs = untilPhaseMs(now(), roundEndRatio * intervalMs, intervalMs)
    this.#roundTimer = setTimeout(() => {
      for (const listener of this.#listeners) listener()
      this.#planRoundEnd()
    }, waitMs)
  }
}
