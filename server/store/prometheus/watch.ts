import { slotLengthMs, slotStartMs } from '#lib/metrics/slots.ts'
import type { Platform } from '#server/platform/platform.ts'
import { StoreError } from '#server/store/store-error.ts'
import type { TargetState, Targets } from '#server/store/targets.ts'
import type { PrometheusClient } from './client.ts'
import { cutStretch, lastRead, oldestRead, type Selection } from './promql.ts'
import type { Timeline } from './timelines.ts'

/** How often it is asked what does not change from round to round. */
const seldomMs = 600_000
const minuteMs = 60_000
const hourMs = 3_600_000

export interface WatchOptions {
  readonly client: PrometheusClient
  readonly selection: Selection
  readonly platform: Platform
  /** How often Prometheus is believed to read each proxy; when that turns out to be seldomer, the longer is taken. */
  readonly intervalMs: number
  readonly now: () => number
  /** Called when there may be new numbers. */
  readonly onRound: () => void
  readonly log: (message: string) => void
}

/** How the newest reading of one proxy by Prometheus went. */
interface Seen {
  readonly isUp: boolean
  readonly atMs: number
  readonly lastUpMs: number | null
  readonly downSinceMs: number | null
  readonly scrapeMs: number | null
  readonly samples: number | null
}

/** Looks every interval at how Prometheus reads the proxies, until it is closed. */
export class Watch implements Targets {
  readonly #options: WatchOptions
  readonly #listeners = new Set<() => void>()
  #seen: ReadonlyMap<string, Seen> = new Map()
  #failure: StoreError | null = null
  #lacking: string | null = null
  #oldestMs: number | null = null
  #measuredMs = 0
  #seldomAtMs = Number.NEGATIVE_INFINITY
  #isClosed = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #wasAsked = false
  #round: Promise<void>

  constructor(options: WatchOptions) {
    this.#options = options
    this.#round = this.#hold()
  }

  /** Whether Prometheus was asked once, and answered or not. */
  get wasAsked(): boolean {
    return this.#wasAsked
  }

  /** Between two readings of a proxy. */
  get intervalMs(): number {
    return Math.max(this.#options.intervalMs, this.#measuredMs)
  }

  get slotMs(): number {
    return slotLengthMs(this.intervalMs)
  }

  /** Why it did not answer the newest round; `null` when it did. */
  get failure(): StoreError | null {
    return this.#failure
  }

  /** What of its numbers cannot be had, and what helps. */
  get problem(): string | null {
    return this.#failure === null ? this.#lacking : `${this.#failure.message}; ${this.#failure.hint}`
  }

  /** The oldest sample of a proxy. */
  get oldestMs(): number | null {
    return this.#oldestMs
  }

  lastCompleteSlotEndMs(nowMs: number): number | null {
    if (this.#seen.size === 0) return null
    let reachedMs = nowMs
    for (const { lastUpMs } of this.#seen.values()) {
      if (lastUpMs !== null && lastUpMs >= nowMs - 3 * this.intervalMs)
        reachedMs = Math.min(reachedMs, lastUpMs)
    }
    return slotStartMs(reachedMs, this.slotMs)
  }

  list(): readonly TargetState[] {
    return this.#options.platform
      .current()
      .instances.filter(({ meshed, ip }) => meshed && ip !== '')
      .map(({ namespace, name: pod, workload, ip, proxyPorts }): TargetState => {
        const seen = this.#seen.get(`${namespace}/${pod}`)
        const host = ip.includes(':') ? `[${ip}]` : ip
        return {
          namespace,
          pod,
          workload,
          metricsUrl: `http://${host}:${proxyPorts.admin}/metrics`,
          lastScrapeAtMs: seen?.lastUpMs ?? null,
          downSinceMs: this.#failure === null ? (seen?.downSinceMs ?? null) : null,
          scrapeMs: seen?.scrapeMs ?? null,
          samples: seen?.samples ?? null,
          ...this.#stateOf(seen),
        }
      })
  }

  subscribe(listener: () => void): () => void {
    const own = () => listener()
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  /** Asks now, after the round that is under way, for all there is to know. Settles when it was asked. */
  async refresh(): Promise<void> {
    await this.#round
    this.#seldomAtMs = Number.NEGATIVE_INFINITY
    await this.#ask()
  }

  /** Safe twice. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    this.#listeners.clear()
    this.#options.client.close()
    await this.#round
  }

  #stateOf(seen: Seen | undefined): Pick<TargetState, 'state' | 'error'> {
    if (this.#failure !== null) return { state: 'down', error: this.#failure.message }
    if (seen === undefined) return { state: 'pending', error: 'Prometheus has no target for this proxy' }
    if (seen.isUp) return { state: 'up', error: null }
    return { state: 'down', error: 'Prometheus cannot read it; its page of targets says why' }
  }

  async #hold(): Promise<void> {
    const startMs = this.#options.now()
    await this.#ask()
    if (this.#isClosed) return
    for (const listener of this.#listeners) listener()
    const waitMs = Math.max(0, startMs + this.intervalMs - this.#options.now())
    this.#timer = setTimeout(() => {
      this.#round = this.#hold()
    }, waitMs)
  }

  async #ask(): Promise<void> {
    const { client, now, onRound, log } = this.#options
    const nowMs = now()
    try {
      await client.refresh()
      await this.#look()
      if (nowMs - this.#seldomAtMs >= this.#untilSeldomMs) {
        await this.#lookAround(nowMs)
        this.#seldomAtMs = nowMs
      }
      if (this.#failure !== null) log(`${client.name} answers again`)
      this.#failure = null
    } catch (error) {
      const failure = StoreError.from(error)
      if (this.#failure?.message !== failure.message && !this.#isClosed) log(failure.message)
      this.#failure = failure
    }
    this.#wasAsked = true
    onRound()
  }

  /** What is not there yet is looked for sooner. */
  get #untilSeldomMs(): number {
    if (this.#oldestMs === null) return 0
    return this.#lacking === null ? seldomMs : minuteMs
  }

  async #look(): Promise<void> {
    const { client, selection, now } = this.#options
    const atMs = now()
    const at = { startMs: atMs, endMs: atMs, stepMs: 0 }
    const lookBack = cutStretch(minuteMs, atMs, this.slotMs, 60)
    const lookBackMs = atMs + lookBack.lateMs
    const [values, times, reads] = await Promise.all([
      client.ask(selection.with('__name__=~"up|scrape_duration_seconds|scrape_samples_scraped"').of(''), at),
      client.ask(`timestamp(${selection.of('up')})`, at),
      client.ask(lastRead(selection, lookBack), { ...at, startMs: lookBackMs, endMs: lookBackMs }),
    ])
    const of = (name: string) => byPod(values.filter(({ labels }) => labels.__name__ === name))
    const [up, seconds, samples] = ['up', 'scrape_duration_seconds', 'scrape_samples_scraped'].map(of)
    const [at_, read] = [byPod(times), byPod(reads)]
    const seen = new Map<string, Seen>()
    for (const [id, isUp] of up ?? []) {
      const before = this.#seen.get(id)
      const triedMs = (at_.get(id) ?? atMs / 1_000) * 1_000
      const duration = seconds?.get(id)
      seen.set(id, {
        isUp: isUp === 1,
        atMs: triedMs,
        lastUpMs: isUp === 1 ? triedMs : (before?.lastUpMs ?? msOf(read.get(id))),
        downSinceMs: isUp === 1 ? null : (before?.downSinceMs ?? triedMs),
        scrapeMs: isUp === 1 && duration !== undefined ? duration * 1_000 : null,
        samples: isUp === 1 ? (samples?.get(id) ?? null) : null,
      })
    }
    this.#seen = seen
  }

  async #lookAround(nowMs: number): Promise<void> {
    const { client, selection } = this.#options
    const at = { startMs: nowMs, endMs: nowMs, stepMs: 0 }
    const [names, readings] = await Promise.all([
      client.ask(`count by (__name__) (${selection.with(oneOfNames).of('')})`, at),
      client.ask(`${selection.of('up')}[3m]`, at),
    ])
    this.#measuredMs = intervalOf(readings)
    this.#lacking = lackOf(new Set(names.map(({ labels }) => labels.__name__ ?? '')), selection)
    this.#oldestMs = await this.#findOldest(nowMs)
  }

  /** The oldest sample of all, looked for ever more closely. */
  async #findOldest(nowMs: number): Promise<number | null> {
    const { client, selection } = this.#options
    let foundMs: number | null = null
    for (const [lengthMs, stepMs] of oldestStages) {
      const endMs: number = foundMs ?? nowMs
      const at = { startMs: endMs, endMs, stepMs: 0 }
      const [oldest] = await client.ask(oldestRead(selection, lengthMs, stepMs), at)
      foundMs = msOf(oldest?.points[0]?.value) ?? foundMs
    }
    return foundMs
  }
}

/** How far back samples are looked for, and how closely; each stage looks before what the one before found. */
const oldestStages: readonly (readonly [lengthMs: number, stepMs: number])[] = [
  [15 * 24 * hourMs, hourMs],
  [hourMs, 30_000],
  [40_000, 200],
]

const needed = [
  'process_start_time_seconds',
  'response_total',
  'response_latency_ms_bucket',
  'tcp_open_total',
]
const oneOfNames = `__name__=~"up|${needed.join('|')}"`

/** What a Prometheus with these metrics of the proxies cannot tell, and what helps; `null` when it can tell all. */
function lackOf(names: ReadonlySet<string>, selection: Selection): string | null {
  if (!names.has('up'))
    return `Prometheus reads no proxy: it has no ${selection.of('up')}. Have it read those of GET /api/v1/sd, or name its own with --prometheus-match`
  const isBusy = names.has('response_total')
  const lacking = needed.filter(name => !names.has(name) && (isBusy || name === needed[0]))
  if (lacking.length === 0) return null
  return `Prometheus lacks ${lacking.join(', ')} of the proxies: what they tell is not in these numbers. Have its relabelling keep them`
}

/** How often each is read: the middle of all that happened. 0 when that is not known. */
function intervalOf(readings: readonly Timeline[]): number {
  const gaps = readings.flatMap(({ points }) =>
    points.slice(1).map((point, i) => point.atMs - points[i]!.atMs),
  )
  gaps.sort((a, b) => a - b)
  return Math.round((gaps[Math.floor(gaps.length / 2)] ?? 0) / 100) * 100
}

function byPod(timelines: readonly Timeline[]): ReadonlyMap<string, number> {
  const values = new Map<string, number>()
  for (const { labels, points } of timelines) {
    const last = points.at(-1)
    if (last) values.set(`${labels.namespace ?? ''}/${labels.pod ?? ''}`, last.value)
  }
  return values
}

function msOf(seconds: number | undefined): number | null {
  return seconds === undefined ? null : seconds * 1_000
}
