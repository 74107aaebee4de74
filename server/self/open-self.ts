import { X509Certificate } from 'node:crypto'
import { readFile, statfs } from 'node:fs/promises'
import { type EventLoopUtilization, monitorEventLoopDelay, performance } from 'node:perf_hooks'
import { getHeapStatistics } from 'node:v8'
import type { Registry } from 'prom-client'
import type { SelfNumber } from '#lib/api/checks.ts'
import { endpoints } from '#lib/api/endpoints.ts'
import { type Look, MetricWindow } from './metric-window.ts'
import type { SelfFacts, SelfView } from './self-view.ts'

export interface SelfOptions {
  readonly registry: Registry
  /** Where data is written. */
  readonly dataPath: string
  /** The certificates that lie there, by what they are called. */
  readonly certificates: Readonly<Record<string, string>>
  readonly series: () => SelfFacts['series']
  readonly history: SelfFacts['history']
  /** Unix milliseconds. */
  readonly now: () => number
}

const sampleEveryMs = 10_000
const loopResolutionMs = 20
const nanosPerMs = 1e6
const metrics = [
  'meshscope_scrape_duration_seconds',
  'meshscope_scrape_samples_total',
  'meshscope_scrape_failures_total',
  'meshscope_scrape_series',
  'meshscope_store_cells',
  'meshscope_store_bytes',
  'meshscope_question_seconds',
  'meshscope_history_flush_seconds',
  'meshscope_live_clients',
  'meshscope_live_subscriptions',
  'meshscope_live_questions',
]

/** Looks at the server itself until it is closed. */
export function openSelf(options: SelfOptions): SelfView & { close(): void } {
  return new ProcessSelf(options)
}

class ProcessSelf implements SelfView {
  readonly #options: SelfOptions
  readonly #window: MetricWindow
  readonly #delay = monitorEventLoopDelay({ resolution: loopResolutionMs })
  /** Of the newest six samples. */
  #loops: { readonly p99Ms: number; readonly longestMs: number }[] = []
  #busy: EventLoopUtilization = performance.eventLoopUtilization()
  #cpu = { atMs: performance.now(), usage: process.cpuUsage() }
  #cpuRatio: number | null = null
  #busyRatio: number | null = null
  readonly #clockAheadMs: number
  readonly #timer: ReturnType<typeof setInterval>

  constructor(options: SelfOptions) {
    this.#options = options
    this.#window = new MetricWindow(options.registry, metrics)
    this.#clockAheadMs = options.now() - performance.now()
    this.#delay.enable()
    this.#timer = setInterval(() => void this.#sample(), sampleEveryMs)
    this.#timer.unref()
    void this.#window.sample(options.now())
  }

  close(): void {
    clearInterval(this.#timer)
    this.#delay.disable()
  }

  async facts(): Promise<SelfFacts> {
    const { certificates, dataPath, history, now, series } = this.#options
    const { used_heap_size: usedBytes, heap_size_limit: limitBytes } = getHeapStatistics()
    return {
      series: series(),
      history,
      disk: await statfs(dataPath).then(
        ({ bavail, bsize }) => ({ path: dataPath, freeBytes: bavail * bsize }),
        () => null,
      ),
      certificates: await expiries(certificates),
      clockMovedMs: now() - performance.now() - this.#clockAheadMs,
      heap: { usedBytes, limitBytes },
      loop: this.#loop(),
    }
  }

  async numbers(): Promise<readonly SelfNumber[]> {
    const look = await this.#window.look(this.#options.now())
    const { p99Ms, longestMs } = this.#loop()
    return [
      ...numbersOf(look),
      number('Process', 'Processor time', this.#cpuRatio, 'ratio'),
      number('Process', 'Event loop in use', this.#busyRatio, 'ratio'),
      number('Process', 'Event loop held up, P99', p99Ms / 1_000, 'seconds'),
      number('Process', 'Event loop held up, longest', longestMs / 1_000, 'seconds'),
      number('Process', 'Resident memory', process.memoryUsage.rss(), 'bytes'),
      number('Process', 'Up', process.uptime(), 'seconds'),
    ]
  }

  #loop(): { p99Ms: number; longestMs: number } {
    const all = [...this.#loops, heldUp(this.#delay)]
    return {
      p99Ms: Math.max(...all.map(({ p99Ms }) => p99Ms)),
      longestMs: Math.max(...all.map(({ longestMs }) => longestMs)),
    }
  }

  async #sample(): Promise<void> {
    this.#loops = [...this.#loops, heldUp(this.#delay)].slice(-sampleCount)
    this.#delay.reset()
    const busy = performance.eventLoopUtilization()
    this.#busyRatio = performance.eventLoopUtilization(busy, this.#busy).utilization
    this.#busy = busy
    const { user, system } = process.cpuUsage(this.#cpu.usage)
    const atMs = performance.now()
    this.#cpuRatio = (user + system) / 1_000 / (atMs - this.#cpu.atMs)
    this.#cpu = { atMs, usage: process.cpuUsage() }
    await this.#window.sample(this.#options.now())
  }
}

const sampleCount = 6

/** The monitor tells how long its own timer took, which waits for its resolution before any hold-up. */
function heldUp(delay: { percentile(of: number): number; readonly max: number; readonly count: number }) {
  const ms = (nanos: number) => Math.max(0, nanos / nanosPerMs - loopResolutionMs)
  return delay.count === 0
    ? { p99Ms: 0, longestMs: 0 }
    : { p99Ms: ms(delay.percentile(99)), longestMs: ms(delay.max) }
}

async function expiries(paths: Readonly<Record<string, string>>): Promise<SelfFacts['certificates']> {
  const read = Object.entries(paths).map(async ([name, path]) => {
    const expiresAtMs = await expiry(path).catch(() => null)
    return expiresAtMs === null ? [] : [{ name, expiresAtMs }]
  })
  return (await Promise.all(read)).flat()
}

async function expiry(path: string): Promise<number> {
  return Date.parse(new X509Certificate(await readFile(path)).validTo)
}

function numbersOf(look: Look): SelfNumber[] {
  const scrape = 'meshscope_scrape_duration_seconds'
  const question = 'meshscope_question_seconds'
  const flush = 'meshscope_history_flush_seconds'
  return [
    number('Scrapes', 'Scrapes', look.rate(`${scrape}_count`), 'perSecond'),
    number('Scrapes', 'Failed scrapes', look.rate('meshscope_scrape_failures_total'), 'perSecond'),
    number('Scrapes', 'Duration, P50', look.quantile(scrape, 0.5), 'seconds'),
    number('Scrapes', 'Duration, P99', look.quantile(scrape, 0.99), 'seconds'),
    number('Scrapes', 'Samples', look.rate('meshscope_scrape_samples_total'), 'perSecond'),
    number('Scrapes', 'Series', look.level('meshscope_scrape_series'), 'count'),
    number('Numbers', 'Label sets in memory', look.level('meshscope_store_cells'), 'count'),
    number('Numbers', 'Memory of these', look.level('meshscope_store_bytes'), 'bytes'),
    number('Numbers', 'Writing history, P50', look.quantile(flush, 0.5), 'seconds'),
    number('Numbers', 'Writing history, P99', look.quantile(flush, 0.99), 'seconds'),
    ...Object.keys(endpoints).map(topic =>
      number('Answers, P99', `/${topic}`, look.quantile(question, 0.99, { topic }), 'seconds'),
    ),
    number('Questions', 'Clients', look.level('meshscope_live_clients'), 'count'),
    number('Questions', 'Followed by clients', look.level('meshscope_live_subscriptions'), 'count'),
    number('Questions', 'Different ones of these', look.level('meshscope_live_questions'), 'count'),
    number('Questions', 'Answered', look.rate(`${question}_count`), 'perSecond'),
  ]
}

function number(group: string, title: string, value: number | null, unit: SelfNumber['unit']): SelfNumber {
  return { id: `${group}: ${title}`, group, title, value, unit }
}
