import { Buffer } from 'node:buffer'
import type { Instance } from '#lib/resources/mesh-state.ts'
import type { Delta } from '#server/store/delta.ts'
import type { Baseline, EarlierLife } from '#server/store/earlier-life.ts'
import type { TargetState } from '#server/store/targets.ts'
import type { BodyBuffers } from './body-buffers.ts'
import { NoExpositionError } from './line-reading.ts'
import type { Pieces } from './pieces.ts'
import { scrape } from './scrape.ts'
import { ScrapeConnection, type ScrapeOptions } from './scrape-connection.ts'
import { ScrapeError } from './scrape-error.ts'
import type { SeriesShare } from './series-budget.ts'
import { TargetCounters } from './target-counters.ts'
import { TooManySeriesError } from './too-many-series-error.ts'

/** How the scraping of one proxy goes. */
type Health =
  | { readonly kind: 'pending' }
  | {
      readonly kind: 'up'
      readonly scrapeMs: number
      readonly samples: number
      readonly warning: string | null
    }
  | {
      readonly kind: 'down'
      readonly sinceMs: number
      readonly failures: number
      readonly error: ScrapeError
    }

/** What one scrape led to. */
export type ScrapeOutcome =
  | {
      readonly kind: 'read'
      readonly scrapeMs: number
      readonly samples: number
      readonly badSamples: number
    }
  | { readonly kind: 'failed'; readonly error: ScrapeError }

const endMark = Buffer.from('# EOF')
const newline = 0x0a

/** One proxy that is scraped: its counters, and how it goes. */
export class Target {
  readonly instance: Instance
  readonly metricsUrl: string
  readonly #counters: TargetCounters
  readonly #connection: ScrapeConnection
  readonly #buffers: BodyBuffers
  readonly #series: SeriesShare
  /** What the newest exposition lies in, which the next one is compared with. */
  #memory: Buffer | null = null
  #health: Health = { kind: 'pending' }
  #endsWithMark = false
  /** Whether expositions are told, to be saved for a later life. */
  readonly #isSaved: boolean
  /** Whom to ask where counting goes on from; `null` once it has. */
  #earlier: EarlierLife | null

  /** What its process counted before `notBeforeMs` is not new, unless the earlier life tells where it left off. */
  constructor(
    instance: Instance,
    notBeforeMs: number,
    buffers: BodyBuffers,
    series: SeriesShare,
    earlier: EarlierLife | null = null,
  ) {
    this.instance = instance
    this.#earlier = earlier
    this.#isSaved = earlier !== null
    this.metricsUrl = metricsUrlOf(instance)
    this.#counters = new TargetCounters(instance, notBeforeMs)
    this.#buffers = buffers
    this.#series = series
    this.#connection = new ScrapeConnection(this.metricsUrl, buffers)
  }

  /** When the newest good scrape ended. */
  get lastScrapeAtMs(): number | null {
    return this.#counters.lastEndMs
  }

  /** Failed scrapes since the last good one. */
  get failures(): number {
    return this.#health.kind === 'down' ? this.#health.failures : 0
  }

  /** Scrapes once and hands what was counted to `append`. Never rejects. */
  async scrape(
    limits: Omit<ScrapeOptions, 'maxSeries'>,
    pieces: Pieces,
    now: () => number,
    append: (delta: Delta) => void,
  ): Promise<ScrapeOutcome> {
    const startMs = now()
    const options: ScrapeOptions = { ...limits, maxSeries: this.#series.most }
    try {
      const { body, memory } = await scrape(this.#connection, this.#buffers, options)
      const endMs = now()
      const hasMark = this.#refuseCutOff(body)
      await this.#goOn(pieces, options)
      const { delta, samples, badSamples, firstProblem } = await pieces.run(
        this.#counters.apply(body, endMs, options.maxSeries),
        options.signal,
      )
      this.#series.use(samples)
      if (this.#memory !== null) this.#buffers.give(this.#memory)
      this.#memory = memory
      this.#endsWithMark = hasMark
      append(this.#isSaved ? { ...delta, exposition: body } : delta)
      const scrapeMs = now() - startMs
      this.#health = { kind: 'up', scrapeMs, samples, warning: warningOf(badSamples, firstProblem) }
      return { kind: 'read', scrapeMs, samples, badSamples }
    } catch (cause) {
      const error = ScrapeError.from(cause, this.metricsUrl)
      const sinceMs = this.#health.kind === 'down' ? this.#health.sinceMs : now()
      this.#health = { kind: 'down', sinceMs, failures: this.failures + 1, error }
      return { kind: 'failed', error }
    }
  }

  /** Takes up counting where an earlier life left off. What it saved and cannot be read, is no baseline. */
  async #goOn(pieces: Pieces, { signal, maxSeries }: ScrapeOptions): Promise<void> {
    const earlier = this.#earlier
    if (earlier === null) return
    this.#earlier = null
    const { namespace, name } = this.instance
    const baseline: Baseline | null = await earlier.takeBaseline(namespace, name).catch(() => null)
    if (baseline === null) return
    const { buffer, byteOffset, length } = baseline.exposition
    const saved = Buffer.from(buffer, byteOffset, length)
    try {
      await pieces.run(this.#counters.apply(saved, baseline.endMs, maxSeries), signal)
    } catch (error) {
      if (!(error instanceof NoExpositionError || error instanceof TooManySeriesError)) throw error
    }
  }

  /** Ends its connection, and gives its series back. */
  close(): void {
    this.#series.close()
    this.#connection.close()
  }

  state(): TargetState {
    const health = this.#health
    return {
      namespace: this.instance.namespace,
      pod: this.instance.name,
      workload: this.instance.workload,
      metricsUrl: this.metricsUrl,
      state: health.kind,
      lastScrapeAtMs: this.lastScrapeAtMs,
      downSinceMs: health.kind === 'down' ? health.sinceMs : null,
      scrapeMs: health.kind === 'up' ? health.scrapeMs : null,
      samples: health.kind === 'up' ? health.samples : null,
      error: errorOf(health),
    }
  }

  /**
   * Whether the body ends with a mark; throws when it was cut off. A body that ends when the connection does looks
   * whole. But one in mid-line is not, whose last value may lack digits; and what ended with a mark once does so always.
   */
  #refuseCutOff(body: Buffer): boolean {
    if (body.length > 0 && body[body.length - 1] !== newline) {
      throw new ScrapeError('SCRAPE_CUT_OFF', this.metricsUrl, 'the last line of the answer lacks its end')
    }
    const hasMark = body.subarray(-endMark.length - 2).includes(endMark)
    if (this.#endsWithMark && !hasMark) {
      throw new ScrapeError('SCRAPE_CUT_OFF', this.metricsUrl, 'the answer lacks its last line, # EOF')
    }
    return hasMark
  }
}

function errorOf(health: Health): string | null {
  switch (health.kind) {
    case 'pending':
      return null
    case 'up':
      return health.warning
    case 'down':
      return health.error.message
  }
}

function warningOf(badSamples: number, firstProblem: string | null): string | null {
  if (badSamples === 0) return null
  const what = firstProblem ?? 'expected whole numbers, 0 or more, that fit together'
  return `Left out ${badSamples} ${badSamples === 1 ? 'sample' : 'samples'} that could not be used: ${what}`
}

/** Whether both are scraped at the same place and counted under the same names. */
export function isSameTarget(a: Instance, b: Instance): boolean {
  return (
    metricsUrlOf(a) === metricsUrlOf(b) &&
    a.workload.kind === b.workload.kind &&
    a.workload.name === b.workload.name
  )
}

function metricsUrlOf({ ip, proxyPorts }: Instance): string {
  return `http://${ip.includes(':') ? `[${ip}]` : ip}:${proxyPorts.admin}/metrics`
}
