import { Code, createClient } from '@connectrpc/connect'
import type { DestinationProfile, Update } from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import { Destination as DestinationService } from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import {
  OutboundPolicies,
  type OutboundPolicy as PolicyMessage,
} from '#lib/mesh-api/gen/io/linkerd/proxy/outbound_pb.ts'
import { compileRoutes } from '#lib/profile/compile-routes.ts'
import type { RouteTable } from '#lib/profile/route-table.ts'
import type { RetryBudget, WeightedAuthority } from '#lib/resources/service-profile.ts'
import type { Backoff } from '#proxy/control/backoff.ts'
import type { ControlChannel } from '#proxy/control/control-channel.ts'
import { type StreamFailure, watchStream } from '#proxy/control/watch-stream.ts'
import type { Log } from '#proxy/log.ts'
import type { Endpoint, Resolution, ServicePolicy } from './discovery.ts'
import { addressFromProto, endpointsFromProto } from './endpoint-from-proto.ts'
import { policyFromProto } from './policy-from-proto.ts'
import { retryBudgetFromProto, routesFromProto, splitFromProto } from './profile-from-proto.ts'

/** The control plane's OutboundPolicies service, and who asks it. */
export interface PolicySource {
  readonly channel: ControlChannel
  readonly workload: string
}

export interface WatchOptions {
  readonly channel: ControlChannel
  readonly policies: PolicySource | null
  readonly contextToken: string
  readonly backoff: Backoff
  /** How long a first resolution waits for the profile and the policy before it does without. */
  readonly profileTimeoutMs: number
  readonly random: () => number
  readonly log: Log
}

type Endpoints =
  | { readonly state: 'pending' }
  | { readonly state: 'missing'; readonly reason: string }
  | { readonly state: 'known'; readonly byAddress: ReadonlyMap<string, Endpoint> }

type Profile =
  | { readonly state: 'pending' }
  | {
      readonly state: 'known'
      readonly table: RouteTable | null
      readonly retryBudget: RetryBudget | null
      readonly split: readonly WeightedAuthority[]
      readonly isOpaque: boolean
    }

type Policy =
  | { readonly state: 'pending' }
  | { readonly state: 'known'; readonly policy: ServicePolicy | null }

const NO_PROFILE: Profile = { state: 'known', table: null, retryBudget: null, split: [], isOpaque: false }

/** The streams of one authority, and what they last said together. */
export class WatchedDestination {
  readonly authority: string
  readonly #options: WatchOptions
  readonly #stop = new AbortController()
  readonly #listeners = new Set<() => void>()
  readonly #running: Promise<unknown>
  readonly #profileTimer: NodeJS.Timeout
  #endpoints: Endpoints = { state: 'pending' }
  #profile: Profile = { state: 'pending' }
  #policy: Policy = { state: 'pending' }
  #resolution: Resolution = { state: 'pending' }

  constructor(authority: string, options: WatchOptions) {
    this.authority = authority
    this.#options = options
    const stream = { ...options, signal: this.#stop.signal }
    const question = { path: authority, contextToken: options.contextToken }
    const client = () => createClient(DestinationService, options.channel.transport())
    if (options.policies === null) this.#policy = { state: 'known', policy: null }
    this.#profileTimer = setTimeout(() => this.#doWithoutRest(), options.profileTimeoutMs)
    this.#running = Promise.all([
      watchStream<Update>(
        {
          open: signal => client().get(question, { signal }),
          onMessage: (update, isFirst) => this.#update(update, isFirst),
          onFailure: failure => this.#endpointsFailed(failure),
        },
        stream,
      ),
      watchStream<DestinationProfile>(
        {
          open: signal => client().getProfile(question, { signal }),
          onMessage: profile => this.#profileCame(profile),
          onFailure: failure => this.#profileFailed(failure),
        },
        stream,
      ),
      this.#watchPolicy(options.policies, stream),
    ])
  }

  current(): Resolution {
    return this.#resolution
  }

  subscribe(listener: () => void): () => void {
    // Wrapped, so that one function subscribed twice is two subscriptions.
    const own = (): void => listener()
    this.#listeners.add(own)
    return () => this.#listeners.delete(own)
  }

  async close(): Promise<void> {
    clearTimeout(this.#profileTimer)
    this.#stop.abort()
    await this.#running
  }

  #update({ update }: Update, isFirst: boolean): void {
    const known = this.#endpoints.state === 'known' && !isFirst ? this.#endpoints.byAddress : []
    const byAddress = new Map(known)
    switch (update.case) {
      case 'add':
        for (const endpoint of endpointsFromProto(update.value)) byAddress.set(endpoint.address, endpoint)
        break
      case 'remove':
        for (const tcp of update.value.addrs) byAddress.delete(addressFromProto(tcp) ?? '')
        break
      case 'noEndpoints':
        if (!update.value.exists) {
          this.#setEndpoints({ state: 'missing', reason: 'no such service' })
          return
        }
        byAddress.clear()
        break
      case undefined:
        return
    }
    this.#setEndpoints({ state: 'known', byAddress })
  }

  #endpointsFailed(failure: StreamFailure): void {
    const isAnswer = failure.isFinal || failure.code === Code.NotFound
    this.#report('endpoints', failure, isAnswer && this.#endpoints.state === 'missing')
    if (isAnswer) this.#setEndpoints({ state: 'missing', reason: failure.reason })
  }

  #profileCame(profile: DestinationProfile): void {
    const specs = routesFromProto(profile)
    const split = splitFromProto(profile)
    const table =
      specs.length === 0 && split.length === 0
        ? null
        : compileRoutes(this.authority, specs, problem => this.#options.log.warn(problem))
    this.#setProfile({
      state: 'known',
      table,
      retryBudget: retryBudgetFromProto(profile),
      split,
      isOpaque: profile.opaqueProtocol,
    })
  }

  #profileFailed(failure: StreamFailure): void {
    const isAnswer = failure.isFinal || failure.code === Code.NotFound
    this.#report('profile', failure, isAnswer)
    if (isAnswer) this.#setProfile(NO_PROFILE)
  }

  async #watchPolicy(
    source: PolicySource | null,
    stream: Pick<WatchOptions, 'backoff' | 'random'> & { readonly signal: AbortSignal },
  ): Promise<void> {
    if (source === null) return
    const { channel, workload } = source
    const spec = {
      sourceWorkload: workload,
      target: { case: 'authority' as const, value: this.authority },
    }
    await watchStream<PolicyMessage>(
      {
        open: signal => createClient(OutboundPolicies, channel.transport()).watch(spec, { signal }),
        onMessage: policy => this.#policyCame(policy),
        onFailure: failure => this.#policyFailed(failure),
      },
      stream,
    )
  }

  #policyCame(message: PolicyMessage): void {
    try {
      this.#setPolicy(policyFromProto(message))
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      this.#options.log.warn(error.message, { authority: this.authority })
      if (this.#policy.state === 'pending') this.#setPolicy(null)
    }
  }

  #policyFailed(failure: StreamFailure): void {
    const isAnswer = failure.isFinal || failure.code === Code.NotFound || failure.code === Code.Unimplemented
    this.#report('policy', failure, isAnswer)
    if (isAnswer && (this.#policy.state === 'pending' || this.#policy.policy !== null)) this.#setPolicy(null)
  }

  #setPolicy(policy: ServicePolicy | null): void {
    this.#policy = { state: 'known', policy }
    this.#resolve()
  }

  #doWithoutRest(): void {
    if (this.#policy.state === 'pending') this.#setPolicy(null)
    if (this.#profile.state === 'pending') this.#setProfile(NO_PROFILE)
  }

  #report(what: string, { reason, isFinal }: StreamFailure, isExpected: boolean): void {
    const level = isExpected ? 'debug' : 'info'
    this.#options.log[level](`Watch of ${what} ended: ${reason}`, { authority: this.authority, isFinal })
  }

  #setEndpoints(endpoints: Endpoints): void {
    this.#endpoints = endpoints
    this.#resolve()
  }

  #setProfile(profile: Profile): void {
    this.#profile = profile
    this.#resolve()
  }

  #resolve(): void {
    const before = this.#resolution
    this.#resolution = this.#combine()
    if (before.state === 'pending' && this.#resolution.state === 'pending') return
    for (const listener of new Set(this.#listeners)) listener()
  }

  #combine(): Resolution {
    switch (this.#endpoints.state) {
      case 'pending':
        return { state: 'pending' }
      case 'missing':
        return { state: 'missing', reason: this.#endpoints.reason }
      case 'known':
        if (this.#profile.state === 'pending' || this.#policy.state === 'pending') return { state: 'pending' }
        return {
          state: 'resolved',
          endpoints: [...this.#endpoints.byAddress.values()],
          routes: this.#profile.table,
          ...(this.#profile.retryBudget !== null && { retryBudget: this.#profile.retryBudget }),
          split: this.#profile.split,
          isOpaque: this.#profile.isOpaque,
          ...(this.#policy.policy !== null && { policy: this.#policy.policy }),
        }
    }
  }
}
