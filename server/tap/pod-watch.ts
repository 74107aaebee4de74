import type { MessageInitShape } from '@bufbuild/protobuf'
import type { ObserveRequestSchema } from '#lib/mesh-api/gen/io/linkerd/proxy/tap_pb.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { type HalfEvent, readHalfEvent } from '#lib/tap/half.ts'
import type { Half } from '#lib/tap/joiner.ts'
import { podOf } from '#lib/tap/mesh-index.ts'
import { labelOf } from '#lib/tap/request-event.ts'
import { failureText } from './failure-text.ts'
import { Observation } from './observation.ts'
import type { ProxyConnection } from './proxy-connection.ts'

type ObserveRequest = MessageInitShape<typeof ObserveRequestSchema>

export interface PodWatchOptions {
  readonly instance: Instance
  readonly connect: (instance: Instance) => Promise<ProxyConnection>
  /** What to ask for next; `null` while nothing may be asked for. */
  readonly nextRequest: () => (ObserveRequest & { readonly limit: number }) | null
  readonly now: () => number
  /** A request begins. The half is changed when its response and its end come. */
  readonly onBegin: (half: Half) => void
  /** So many requests were told by the proxy and lost before they got here. */
  readonly onLost: (requests: number) => void
  /** Nobody looks for a while, as this was used up: what happens meanwhile is not heard of. */
  readonly onUnwatched: (usedUp: Observation) => void
}

export type PodWatchState =
  | { readonly kind: 'connecting' | 'tapping' }
  | { readonly kind: 'failed'; readonly reason: string; readonly isRetrying: boolean }

/** A proxy that refuses says so within this time. */
const settleMs = 150
const firstRetryMs = 250
const maxRetryMs = 8_000
/** Observations that wait for the ends of their last requests. */
const maxLingering = 4

/**
 * Watches the proxy of one instance until closed: one Observe after another, the next one opened before the last is used
 * up. A connection that fails is made again, later each time.
 */
export class PodWatch {
  readonly pod: string
  readonly #options: PodWatchOptions
  #state: PodWatchState = { kind: 'connecting' }
  #connection: ProxyConnection | null = null
  /** Oldest first. */
  #observations: Observation[] = []
  #newest: Observation | null = null
  #wantsNext = false
  /** What ended streams may have lost after their last request, if they did not end because the proxy goes away. */
  #tail = { requests: 0, atMs: 0 }
  #canOverlap = false
  #retries = 0
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(options: PodWatchOptions) {
    this.#options = options
    this.pod = podOf(options.instance)
    void this.#connect()
  }

  get state(): PodWatchState {
    return this.#state
  }

  /** Whether it may hear of requests from now on: it does before it is known that the proxy does not refuse. */
  get mayHear(): boolean {
    return this.#state.kind !== 'failed' || this.#state.isRetrying
  }

  get instance(): Instance {
    return this.#options.instance
  }

  /** Goes on where it had to wait for leave to ask, or to know. */
  tick(): void {
    if (this.#options.now() - this.#tail.atMs >= settleMs) this.settleTail()
    if (!this.#wantsNext || this.#connection === null) return
    const request = this.#options.nextRequest()
    if (request === null) return
    this.#wantsNext = false
    const observation = new Observation(request.limit, this.#newest)
    this.#newest = observation
    this.#observations.push(observation)
    if (this.#observations.length > maxLingering) this.#drop(this.#observations[0])
    void this.#read(this.#connection, observation, request)
  }

  /** Counts what ended streams lost, which otherwise waits for a sign that the proxy goes away. */
  settleTail(): void {
    const { requests } = this.#tail
    if (requests === 0) return
    this.#tail = { requests: 0, atMs: 0 }
    this.#options.onLost(requests)
  }

  /** Safe twice. */
  close(): void {
    this.#isClosed = true
    this.#disconnect()
  }

  async #connect(): Promise<void> {
    const { connect, instance } = this.#options
    if (this.#state.kind === 'failed') this.#state = { ...this.#state, isRetrying: true }
    try {
      const connection = await connect(instance)
      if (this.#isClosed) return connection.close()
      this.#connection = connection
      this.#wantsNext = true
      this.#canOverlap = false
      this.tick()
      this.#timer = setTimeout(() => this.#settle(), settleMs)
    } catch (error) {
      this.#fail(error)
    }
  }

  #settle(): void {
    this.#state = { kind: 'tapping' }
    this.#timer = setTimeout(() => {
      this.#retries = 0
    }, maxRetryMs)
  }

  async #read(connection: ProxyConnection, observation: Observation, request: ObserveRequest): Promise<void> {
    try {
      for await (const message of connection.observe(request, observation.stop.signal)) {
        const event = readHalfEvent(message)
        if (event !== null) this.#take(observation, event)
      }
      const isEmpty = observation.remaining === observation.limit
      if (isEmpty) throw new Error('it ended the tap before telling anything')
      this.#tail = { requests: this.#tail.requests + observation.finish(), atMs: this.#options.now() }
      this.#drop(observation)
      this.#wantNextAfter(observation)
    } catch (error) {
      if (!observation.stop.signal.aborted && this.#connection === connection) this.#fail(error)
    }
  }

  #take(observation: Observation, event: HalfEvent): void {
    const { now, onBegin, onLost, onUnwatched } = this.#options
    if (event.kind === 'start') {
      const { lost, isKnown, lateAfter } = observation.begin(event)
      if (lost > 0) onLost(lost)
      if (lateAfter !== null) onUnwatched(lateAfter)
      if (!isKnown) {
        const half = { atMs: now(), pod: this.pod, start: event, response: null, end: null, endedAtMs: null }
        observation.open.set(event.stream, half)
        this.#canOverlap = labelOf(half, 'request_id') !== undefined
        onBegin(half)
      }
      this.#wantNextAfter(observation)
      return
    }
    const half = observation.open.get(event.stream)
    if (half === undefined) return
    if (event.kind === 'response') {
      half.response = event
      return
    }
    half.end = event
    half.endedAtMs = now()
    observation.open.delete(event.stream)
  }

  /** Without ids it cannot be told what two streams both tell, so that they have to follow each other. */
  #wantNextAfter(observation: Observation): void {
    if (observation !== this.#newest) return
    if (observation.remaining === 0) this.#options.onUnwatched(observation)
    const margin = this.#canOverlap ? Math.ceil(observation.limit / 4) : 0
    if (observation.remaining > margin || this.#wantsNext) return
    this.#wantsNext = true
    this.tick()
  }

  #drop(observation: Observation | undefined): void {
    if (observation === undefined) return
    observation.stop.abort()
    this.#observations = this.#observations.filter(other => other !== observation)
    const atMs = this.#options.now()
    for (const half of observation.open.values()) half.endedAtMs = atMs
    observation.open.clear()
  }

  #fail(error: unknown): void {
    this.#disconnect()
    if (this.#isClosed) return
    const reason = failureText(error, this.#options.instance)
    this.#state = { kind: 'failed', reason, isRetrying: false }
    const delayMs = Math.min(maxRetryMs, firstRetryMs * 2 ** this.#retries++)
    this.#timer = setTimeout(() => void this.#connect(), delayMs)
  }

  #disconnect(): void {
    clearTimeout(this.#timer)
    const connection = this.#connection
    this.#connection = null
    this.#newest = null
    this.#wantsNext = false
    this.#tail = { requests: 0, atMs: 0 }
    for (const observation of this.#observations) this.#drop(observation)
    connection?.close()
  }
}
