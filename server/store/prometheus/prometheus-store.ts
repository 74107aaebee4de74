import type { Registry } from 'prom-client'
import type { Platform } from '#server/platform/platform.ts'
import type { Answer, Question, Range, ReadableStore, StoreStats } from '#server/store/store.ts'
import type { Targets } from '#server/store/targets.ts'
import type { PrometheusAccess } from './access.ts'
import { askingMetrics } from './asking-metrics.ts'
import { PrometheusClient } from './client.ts'
import { Numbers } from './numbers.ts'
import { Selection } from './promql.ts'
import { Watch } from './watch.ts'

export interface PrometheusStoreOptions {
  readonly access: PrometheusAccess
  /** Which of its series are of proxies, as `job="linkerd-proxy"`. */
  readonly match: string
  readonly platform: Platform
  /** How often Prometheus reads each proxy, or less: seldomer readings show by themselves. */
  readonly intervalMs: number
  /** Where the metrics of asking it go. */
  readonly registry: Registry
  /** Unix milliseconds. */
  readonly now: () => number
  /** Told when it stops to answer, and when it does so again. */
  readonly log: (message: string) => void
}

/** A store of what a Prometheus reads, and the proxies as that sees them. */
export interface PrometheusStore extends ReadableStore {
  readonly targets: Targets
  /** Whether it was asked once, and answered or not. */
  readonly wasAsked: boolean
  /** Asks now how it reads the proxies. Settles when it was asked. */
  refresh(): Promise<void>
}

/** Asks a Prometheus from now on how it reads the proxies, and whenever a question needs numbers. */
export function openPrometheusStore(options: PrometheusStoreOptions): PrometheusStore {
  return new RemoteStore(options)
}

class RemoteStore implements PrometheusStore {
  readonly #numbers: Numbers
  readonly #watch: Watch
  readonly gaps = []
  readonly lostBeforeMs = null

  constructor({ access, match, platform, registry, intervalMs, now, log }: PrometheusStoreOptions) {
    const client = new PrometheusClient(access, askingMetrics(registry))
    const selection = new Selection(match === '' ? [] : [match])
    this.#numbers = new Numbers({
      client,
      selection,
      mesh: () => platform.current(),
      slotMs: () => this.#watch.slotMs,
    })
    const onRound = () => this.#numbers.forget()
    this.#watch = new Watch({ client, selection, platform, intervalMs, now, onRound, log })
  }

  get targets(): Targets {
    return this.#watch
  }

  get wasAsked(): boolean {
    return this.#watch.wasAsked
  }

  refresh(): Promise<void> {
    return this.#watch.refresh()
  }

  get minimumWindowMs(): number {
    return 2 * this.#watch.intervalMs
  }

  get heardSinceMs(): number | null {
    return this.#watch.oldestMs
  }

  get problem(): string | null {
    return this.#watch.problem
  }

  async sum(question: Question): Promise<Answer> {
    if (this.#watch.failure !== null) throw this.#watch.failure
    return this.#numbers.sum(question)
  }

  lastCompleteSlotEndMs(nowMs: number): number | null {
    return this.#watch.lastCompleteSlotEndMs(nowMs)
  }

  retained(nowMs: number): Range {
    return { startMs: this.#watch.oldestMs ?? nowMs, endMs: nowMs }
  }

  /** Nothing is held here. */
  stats(): StoreStats {
    return { cells: 0, bytes: 0, maxBytes: null, evictedCells: 0, droppedDeltas: 0 }
  }

  close(): Promise<void> {
    return this.#watch.close()
  }
}
