import type { TapDropped, TapEvent, TapFilter, TapStats } from '#lib/api/tap.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { type Half, Joiner, type Told } from '#lib/tap/joiner.ts'
import { MeshIndex, podOf } from '#lib/tap/mesh-index.ts'
import { observeMatch } from '#lib/tap/observe-match.ts'
import { joinKey, otherInstance, requestEvent } from '#lib/tap/request-event.ts'
import { TokenBucket } from '#lib/tap/token-bucket.ts'
import { QuestionError } from '#server/golden/question-error.ts'
import type { Platform } from '#server/platform/platform.ts'
import { CountedRequests } from './counted-requests.ts'
import { PodWatch } from './pod-watch.ts'
import type { ProxyConnection } from './proxy-connection.ts'
import { defaultMaxRps, type TapScope, tapScope } from './tap-scope.ts'

/** Who listens to a tap. */
export interface TapSink {
  /** Whether all that was told has been read. */
  hasRoom(): boolean
  events(events: readonly TapEvent[]): void
  stats(stats: TapStats): void
}

/** How many requests proxies counted. */
export type CountRequests = (asked: {
  /** `namespace/name` of each pod. */
  readonly pods: ReadonlySet<string>
  /** Only what was sent to these; `null`: all. */
  readonly toPods: ReadonlySet<string> | null
  readonly startMs: number
}) => Promise<{ readonly requests: number; readonly endMs: number } | null>

export interface TapOptions {
  readonly filter: TapFilter
  readonly sink: TapSink
  readonly platform: Platform
  readonly connect: (instance: Instance) => Promise<ProxyConnection>
  readonly countRequests: CountRequests
  /** Names in lower case. */
  readonly redacted: ReadonlySet<string>
  readonly now: () => number
}

/** An event that the client is to be sent. */
interface Waiting {
  readonly event: TapEvent
  /** Its request was told before. */
  readonly isAgain: boolean
}

const tickMs = 100
const ticksPerStats = 10
/** Requests that are followed at once, waiting for their ends or their other halves. */
const maxOpen = 20_000
/** Events that wait for a client to read; beyond them the oldest are lost. */
const maxQueued = 2_000
const maxBatch = 500
/** Proxies are asked for more than is shown, so that what is not shown is known to be so much. */
const watchedPerShown = 4
const minWatchedRps = 200
const maxWatchedRps = 10_000
const minObservationLimit = 16

/** One running tap: watches the proxies of its pods, makes requests of what they tell, and tells its sink. */
export class Tap {
  readonly #options: TapOptions
  readonly #joiner: Joiner
  readonly #watches = new Map<string, PodWatch>()
  /** Pods that cannot be tapped, with the reason. */
  #untapped: readonly { readonly instance: Instance; readonly reason: string }[] = []
  readonly #watchBudget: TokenBucket
  readonly #showBudget: TokenBucket
  readonly #counted: CountedRequests
  readonly #queue: Waiting[] = []
  readonly #dropped = { proxyBuffer: 0, serverBuffer: 0, slowClient: 0 }
  #scope: TapScope
  #mesh: MeshIndex
  #shown = 0
  #hidden = 0
  #begun = 0
  #paused = 0
  #unfinished = 0
  #isPaused = false
  /** Whether the client had read everything when the last tick asked. */
  #hadRoom = true
  #ticks = 0
  readonly #timer: NodeJS.Timeout
  readonly #stopFollowing: () => void

  /** Throws a QuestionError when the filter names nothing that can be tapped. */
  constructor(options: TapOptions) {
    const { filter, platform, now } = options
    this.#options = options
    this.#mesh = new MeshIndex(platform.current())
    this.#scope = tapScope(filter, platform.current())
    const { maxRps = defaultMaxRps } = filter
    this.#showBudget = new TokenBucket(maxRps, now())
    this.#watchBudget = new TokenBucket(watchedRps(maxRps), now())
    this.#joiner = new Joiner({ maxOpen, isShown: () => this.#showBudget.tryTake(now()) })
    this.#counted = new CountedRequests(options.countRequests, now())
    this.#syncPods()
    this.#stopFollowing = platform.subscribe(() => this.#followMesh())
    this.#timer = setInterval(() => this.#tick(), tickMs)
  }

  /** How many pods have a proxy to be tapped. */
  get podCount(): number {
    return this.#watches.size
  }

  pause(): void {
    this.#isPaused = true
  }

  resume(): void {
    this.#isPaused = false
  }

  /** Tells what has ended and was not told yet, and closes. Gives the last numbers. */
  finish(): TapStats {
    const { sink } = this.#options
    for (const watch of this.#watches.values()) watch.settleTail()
    const { told, unfinished } = this.#joiner.finish()
    const hasRoom = this.#hadRoom || sink.hasRoom()
    for (const each of told) {
      this.#tell(each)
      if (hasRoom && this.#queue.length >= maxBatch) this.#send()
    }
    while (hasRoom && this.#queue.length > 0) this.#send()
    this.#loseOldest(this.#queue.length)
    this.#unfinished = unfinished
    const stats = this.stats()
    this.close()
    return stats
  }

  /** Safe twice. */
  close(): void {
    clearInterval(this.#timer)
    this.#stopFollowing()
    for (const watch of this.#watches.values()) watch.close()
    this.#watches.clear()
  }

  /** What has left the mesh may come back: without pods the tap waits for new ones. */
  #followMesh(): void {
    const { platform, filter } = this.#options
    const state = platform.current()
    this.#mesh = new MeshIndex(state)
    try {
      this.#scope = tapScope(filter, state)
    } catch (error) {
      if (!(error instanceof QuestionError)) throw error
      this.#scope = { ...this.#scope, instances: [] }
    }
    this.#syncPods()
  }

  #syncPods(): void {
    const { connect, now } = this.#options
    const wanted = new Map<string, Instance>()
    const untapped: { instance: Instance; reason: string }[] = []
    for (const instance of this.#scope.instances) {
      const reason = untappedReason(instance)
      if (reason === null) wanted.set(podOf(instance), instance)
      else untapped.push({ instance, reason })
    }
    this.#untapped = untapped
    for (const [pod, watch] of this.#watches) {
      if (isSameProxy(watch.instance, wanted.get(pod))) continue
      watch.close()
      this.#watches.delete(pod)
    }
    for (const [pod, instance] of wanted) {
      if (this.#watches.has(pod)) continue
      const watch = new PodWatch({
        instance,
        connect,
        nextRequest: () => this.#nextRequest(),
        now,
        onBegin: half => this.#begin(half),
        onLost: requests => {
          this.#begun += requests
          this.#dropped.proxyBuffer += requests
        },
        onUnwatched: usedUp => this.#counted.noteUnwatched(usedUp),
      })
      this.#watches.set(pod, watch)
    }
  }

  #nextRequest(): ReturnType<ConstructorParameters<typeof PodWatch>[0]['nextRequest']> {
    const { filter, now } = this.#options
    if (this.#watchBudget.available(now()) < 1) return null
    const share = Math.ceil(watchedRps(filter.maxRps ?? defaultMaxRps) / Math.max(1, this.#watches.size))
    return {
      limit: Math.max(minObservationLimit, share),
      match: observeMatch(this.#scope.conditions),
      ...(filter.extract && {
        extract: {
          extract: { case: 'http', value: { extract: { case: 'headers', value: {} } } },
        },
      }),
    }
  }

  #begin(half: Half): void {
    this.#watchBudget.take(this.#options.now())
    const key = this.#isOtherTapped(half) ? joinKey(half, this.#mesh) : null
    switch (this.#joiner.begin(half, key)) {
      case 'joined':
        return
      case 'hidden':
        this.#hidden++
        break
      case 'refused':
        this.#dropped.serverBuffer++
        break
      case 'shown':
        break
    }
    this.#begun++
  }

  /** Whether the proxy at the other end may tell of it, too. Inbound proxies know no destinations to match. */
  #isOtherTapped(half: Half): boolean {
    if (this.#options.filter.to !== undefined) return false
    const other = otherInstance(half, this.#mesh)
    return other !== undefined && this.#watches.get(podOf(other))?.mayHear === true
  }

  #tick(): void {
    const { now, sink } = this.#options
    for (const watch of this.#watches.values()) watch.tick()
    for (const told of this.#joiner.advance(now())) this.#tell(told)
    // Asked before anything is told: that is not read yet.
    const hasRoom = sink.hasRoom()
    this.#hadRoom = hasRoom
    if (hasRoom && this.#queue.length > 0) this.#send()
    this.#counted.noteHeard(now(), this.#begun)
    this.#ticks++
    if (this.#ticks !== 2 && this.#ticks % ticksPerStats !== 0) return
    const { toPods } = this.#scope
    this.#counted.ask({ pods: new Set(this.#watches.keys()), toPods })
    if (hasRoom) sink.stats(this.stats())
  }

  #tell(told: Told): void {
    if (this.#isPaused) {
      if (!told.isAgain) this.#paused++
      return
    }
    const { filter, redacted } = this.#options
    const event = requestEvent(told, {
      mesh: this.#mesh,
      withHeaders: filter.extract === 'headers',
      redacted,
      instantText: ms => new Date(ms).toISOString(),
    })
    this.#queue.push({ event, isAgain: told.isAgain })
    if (this.#queue.length > maxQueued) this.#loseOldest(this.#queue.length - maxQueued)
  }

  #send(): void {
    const sent = this.#queue.splice(0, maxBatch)
    this.#shown += requestsAmong(sent)
    this.#options.sink.events(sent.map(({ event }) => event))
  }

  #loseOldest(events: number): void {
    this.#dropped.slowClient += requestsAmong(this.#queue.splice(0, events))
  }

  /** How much was told of how much, up to now. */
  stats(): TapStats {
    const { method, path, authority, scheme } = this.#scope.conditions
    const isNarrowed = [method, path, authority, scheme].some(condition => condition !== undefined)
    const unseen = isNarrowed ? { limit: 0, proxyBuffer: 0 } : this.#counted.unseen
    const dropped: TapDropped = {
      ...this.#dropped,
      limit: this.#hidden + unseen.limit,
      proxyBuffer: this.#dropped.proxyBuffer + unseen.proxyBuffer,
    }
    const known = this.#begun + unseen.limit + unseen.proxyBuffer
    const { requests } = this.#counted
    return {
      shown: this.#shown,
      counted: requests === null ? null : Math.max(requests, known),
      dropped,
      ...(this.#paused > 0 && { paused: this.#paused }),
      ...(this.#unfinished > 0 && { unfinished: this.#unfinished }),
      ...(isNarrowed && this.#counted.wasUnwatched && { isPartial: true }),
      pods: [
        ...[...this.#watches.values()].map(({ instance, state }) => ({
          namespace: instance.namespace,
          pod: instance.name,
          state: state.kind,
          ...(state.kind === 'failed' && { error: state.reason }),
        })),
        ...this.#untapped.map(({ instance, reason }) => ({
          namespace: instance.namespace,
          pod: instance.name,
          state: 'failed' as const,
          error: reason,
        })),
      ],
    }
  }
}

function requestsAmong(waiting: readonly Waiting[]): number {
  return waiting.filter(({ isAgain }) => !isAgain).length
}

function watchedRps(maxRps: number): number {
  return Math.min(maxWatchedRps, Math.max(minWatchedRps, maxRps * watchedPerShown))
}

/** Why an instance cannot be tapped at all; `null` when it can. */
function untappedReason({ meshed, identity, ip }: Instance): string | null {
  if (!meshed || identity === null) return 'Not in the mesh: there is no proxy beside it to be tapped'
  return ip === '' ? 'It has no address yet' : null
}

function isSameProxy(a: Instance, b: Instance | undefined): boolean {
  return a.ip === b?.ip && a.identity === b.identity && a.proxyPorts.control === b.proxyPorts.control
}
