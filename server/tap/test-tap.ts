import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Registry } from 'prom-client'
import { expect, vi } from 'vitest'
import type { TapEvent, TapFilter, TapStats } from '#lib/api/tap.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { testInstance } from '#lib/resources/test-state.ts'
import { type AuthorityOptions, openAuthority } from '#server/control/identity/authority.ts'
import { type MemberCertificate, memberCertificate } from '#server/control/identity/member-certificate.ts'
import type { CountRequests, TapSink } from './tap.ts'
import { type RunningTap, Taps } from './taps.ts'
import { testPlatform } from './test-platform.ts'
import { startTestProxy, type TestProxy } from './test-proxy.ts'

export const host = '127.77.31'

/** What a client was told. */
interface Heard extends TapSink {
  readonly heard: TapEvent[]
  readonly told: TapStats[]
  room: boolean
}

function sink(): Heard {
  const heard: TapEvent[] = []
  const told: TapStats[] = []
  return {
    heard,
    told,
    room: true,
    hasRoom() {
      return this.room
    },
    events: events => void heard.push(...events),
    stats: stats => void told.push(stats),
  }
}

const nothingCounted: CountRequests = () => Promise.resolve(null)

/** An authority, proxies that show its certificates, and taps of them. */
export class TestTaps {
  readonly #authority: AuthorityOptions
  readonly #opened: { close(): unknown }[] = []

  private constructor(authority: AuthorityOptions) {
    this.#authority = authority
  }

  static async open(): Promise<TestTaps> {
    const authority: AuthorityOptions = {
      root: await mkdtemp(join(tmpdir(), 'meshscope-taps-')),
      controlPlaneNamespace: 'linkerd',
      trustDomain: 'cluster.local',
      issuanceLifetimeMs: 3_600_000,
      clockSkewAllowanceMs: 20_000,
      now: Date.now,
    }
    await openAuthority(authority)
    return new TestTaps(authority)
  }

  /** Closes proxies and taps, the last first. */
  async closeAll(): Promise<void> {
    for (const each of this.#opened.splice(0).reverse()) await each.close()
  }

  async remove(): Promise<void> {
    await rm(this.#authority.root, { recursive: true, force: true })
  }

  /** What a service account proves itself with. */
  certificate(serviceAccount: string, namespace: string): Promise<MemberCertificate> {
    const identity = `${serviceAccount}.${namespace}.serviceaccount.identity.linkerd.cluster.local`
    return memberCertificate(identity, this.#authority)()
  }

  /** A proxy that shows the certificate of a service account of shop. */
  async proxy(ip: string, port: number, serviceAccount: string): Promise<TestProxy> {
    const proxy = await startTestProxy(ip, port, await this.certificate(serviceAccount, 'shop'))
    this.#opened.push(proxy)
    return proxy
  }

  /** A pod with a proxy that can be tapped; its identity may be another than the one it proves. */
  async meshedPod(name: string, app: string, lastNumber: number, proves = app) {
    const ip = `${host}.${lastNumber}`
    const proxy = await this.proxy(ip, 0, proves)
    const proxyPorts = { inbound: 4143, outbound: 4140, control: proxy.port, admin: 4191 }
    return { proxy, instance: testInstance(name, app, ip, { proxyPorts }) }
  }

  /** A tap of deployments unless the filter says otherwise; one of no member of the mesh with `isMember: false`. */
  start(
    instances: readonly Instance[],
    filter: Partial<TapFilter> = {},
    {
      countRequests = nothingCounted,
      isMember = true,
    }: { countRequests?: CountRequests; isMember?: boolean } = {},
  ): { sink: Heard; tap: RunningTap; platform: ReturnType<typeof testPlatform> } {
    const platform = testPlatform(instances)
    const root = isMember ? this.#authority.root : join(this.#authority.root, 'elsewhere')
    const taps = new Taps({
      platform,
      certificate: memberCertificate('tap.linkerd-viz.serviceaccount.identity.linkerd.cluster.local', {
        ...this.#authority,
        root,
      }),
      countRequests,
      redactedHeaders: ['cookie'],
      registry: new Registry(),
      now: Date.now,
    })
    this.#opened.push(taps)
    const listener = sink()
    return { sink: listener, tap: taps.start({ resource: 'deploy', ...filter }, listener), platform }
  }
}

export const until = (check: () => void) => vi.waitFor(check, { timeout: 20_000, interval: 10 })
export const paths = (events: readonly TapEvent[]) => events.map(({ path }) => path)
/** Waits until each proxy may tell somebody of a request. */
export const untilWatched = (...proxies: readonly TestProxy[]) =>
  until(() => expect(proxies.every(proxy => proxy.open() > 0)).toBe(true))
export const stateOf = ({ told }: Heard, pod: string) => told.at(-1)?.pods.find(one => one.pod === pod)
