import type { Registry } from 'prom-client'
import type { Platform } from '#server/platform/platform.ts'
import type { SelfFacts } from '#server/self/self-view.ts'
import type { ReadableStore, Store } from '#server/store/store.ts'
import type { Targets } from '#server/store/targets.ts'
import type { Closing } from './closing.ts'
import type { Config } from './config.ts'
import type { Log } from './log.ts'

/** What answers are made of, whoever gathers it. */
interface Gathered {
  /** What the start says of it. */
  readonly line: string
  readonly store: ReadableStore
  readonly targets: Targets
  /** How much of the series that may be followed is; `null` when nobody here follows any. */
  readonly series: () => SelfFacts['series']
  /** Why it is too early to serve; empty when it is not. */
  readonly unready: () => string[]
}

interface Ground {
  readonly platform: Platform
  readonly registry: Registry
  readonly log: Log
  readonly closing: Closing
}

/** Reads proxies into memory, and into the history unless that is off. */
export async function startCollecting(
  config: Config,
  ground: Ground & { readonly dataPath: string },
): Promise<Gathered> {
  const { platform, dataPath, registry, log, closing } = ground
  const { createMemoryStore } = await import('./store/memory/memory-store.ts')
  const { startCollector } = await import('./collector/collector.ts')
  const { turnTaking } = await import('./golden/turn-taking-store.ts')
  const intervalMs = config.scrapeIntervalMs
  const memory = turnTaking(createMemoryStore({ intervalMs, maxBytes: config.recentMemoryBytes }), () =>
    performance.now(),
  )
  const history = config.history ? await startHistory(config, dataPath, registry, log) : null
  const store = closing.add(history === null ? memory : history.over(memory))
  if (history !== null) closing.add(history.flushing)
  const collector = closing.add(
    startCollector({
      platform,
      store,
      registry,
      intervalMs,
      earlier: history?.earlier ?? null,
      series: { perTarget: config.maxSeriesPerProxy, total: config.maxSeries },
      now: Date.now,
      log: (level, message) => log[level](message),
    }),
  )
  const unready = () =>
    collector.list().some(({ state }) => state === 'pending')
      ? ['some proxies have not been scraped yet']
      : []
  const line = `collect ready targets=${collector.list().length}`
  return { line, store, targets: collector, series: () => collector.series(), unready }
}

/** Leaves the reading of proxies to a Prometheus. */
export async function askPrometheus(
  { match, ...access }: NonNullable<Config['prometheus']>,
  { scrapeIntervalMs: intervalMs }: Config,
  { platform, registry, log, closing }: Ground,
): Promise<Gathered> {
  const { openPrometheusStore } = await import('./store/prometheus/prometheus-store.ts')
  const store = closing.add(
    openPrometheusStore({
      access,
      match,
      platform,
      registry,
      intervalMs,
      now: Date.now,
      log: message => log.warn(message),
    }),
  )
  const unready = () => (store.wasAsked ? [] : ['Prometheus has not answered yet'])
  return {
    line: `collect ready prometheus=${access.url.origin}`,
    store,
    targets: store.targets,
    series: () => null,
    unready,
  }
}

/** The history in the data directory, and what writes to it. */
async function startHistory(config: Config, dataPath: string, registry: Registry, log: Log) {
  const { layout } = await import('./data/layout.ts')
  const { openHistory } = await import('./store/history/history.ts')
  const { startFlushing } = await import('./store/history/flushing.ts')
  const { createLayeredStore } = await import('./store/layered-store.ts')
  const { scrapeIntervalMs: intervalMs, flushIntervalMs } = config
  const history = await openHistory({ path: layout.history(dataPath), intervalMs })
  return {
    over: (memory: Store): Store => createLayeredStore(memory, history),
    earlier: history.earlierLife(),
    flushing: startFlushing({ history, intervalMs: flushIntervalMs, registry, log, now: Date.now }),
  }
}
