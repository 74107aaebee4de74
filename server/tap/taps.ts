import { Code, ConnectError } from '@connectrpc/connect'
import { Counter, Gauge, type Registry } from 'prom-client'
import type { TapFilter, TapStats } from '#lib/api/tap.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { QuestionError } from '#server/golden/question-error.ts'
import type { Platform } from '#server/platform/platform.ts'
import { connectToProxy, type TapCertificate } from './proxy-connection.ts'
import { type CountRequests, Tap, type TapSink } from './tap.ts'

export interface TapsOptions {
  readonly platform: Platform
  /** What the server proves its name with; asked at each connection, so that a renewed one is used. */
  readonly certificate: () => Promise<TapCertificate>
  readonly countRequests: CountRequests
  /** Names of headers whose values are not told. */
  readonly redactedHeaders: readonly string[]
  readonly registry: Registry
  readonly now: () => number
}

/** A tap that was started. */
export interface RunningTap {
  readonly pods: number
  /** Tells nothing until `resume`; what comes meanwhile is counted. */
  pause(): void
  resume(): void
  /** Tells what is known by now, ends it, and gives the last numbers. */
  finish(): TapStats
  /** Safe twice. */
  close(): void
}

const maxTaps = 32

/** All taps that run. At most 32. */
export class Taps {
  readonly #options: TapsOptions
  readonly #redacted: ReadonlySet<string>
  readonly #running = new Set<Tap>()
  readonly #started: Counter

  constructor(options: TapsOptions) {
    this.#options = options
    this.#redacted = new Set(options.redactedHeaders.map(name => name.toLowerCase()))
    const running = this.#running
    new Gauge({
      name: 'meshscope_taps',
      help: 'Taps that run',
      registers: [options.registry],
      collect() {
        this.set(running.size)
      },
    })
    this.#started = new Counter({
      name: 'meshscope_taps_started_total',
      help: 'Taps that were started',
      registers: [options.registry],
    })
  }

  /** A tap that runs until it is closed. Throws a QuestionError when there is nothing to tap, or too much is. */
  start(filter: TapFilter, sink: TapSink): RunningTap {
    if (this.#running.size >= maxTaps) {
      throw new QuestionError('TOO_MANY_TAPS', `Cannot start a tap: ${maxTaps} run`, 'Stop another one first')
    }
    const { platform, countRequests, now } = this.#options
    const tap = new Tap({
      filter,
      sink,
      platform,
      connect: instance => this.#connect(instance),
      countRequests,
      redacted: this.#redacted,
      now,
    })
    if (tap.podCount === 0) {
      tap.close()
      throw new QuestionError(
        'NOTHING_TO_TAP',
        `Cannot tap ${filter.resource}: none of its pods is in the mesh`,
        'Only requests that pass a proxy can be tapped: add one to the pods, or tap their callers',
      )
    }
    this.#running.add(tap)
    this.#started.inc()
    return {
      pods: tap.podCount,
      pause: () => tap.pause(),
      resume: () => tap.resume(),
      finish: () => {
        const stats = tap.finish()
        this.#running.delete(tap)
        return stats
      },
      close: () => {
        tap.close()
        this.#running.delete(tap)
      },
    }
  }

  /** Ends all. Safe twice. */
  close(): void {
    for (const tap of this.#running) tap.close()
    this.#running.clear()
  }

  async #connect(instance: Instance): ReturnType<typeof connectToProxy> {
    const certificate = await this.#options.certificate().catch((error: unknown) => {
      const why = error instanceof Error ? error.message : String(error)
      throw new ConnectError(why, Code.FailedPrecondition, undefined, undefined, error)
    })
    return connectToProxy(instance, certificate)
  }
}
