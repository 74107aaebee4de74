import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { linkerdLatencyBoundsMs } from '#lib/metrics/linkerd-buckets.ts'
import { defaultProxyPorts } from '#lib/resources/mesh-state.ts'
import type { CellDelta } from '#server/store/delta.ts'
import { allAtOnce } from './pieces.ts'
import { TargetCounters } from './target-counters.ts'
import { instance } from './test-collector.ts'

const web = instance('web-0', defaultProxyPorts.admin)
const identity = (name: string, namespace: string) =>
  `${name}.${namespace}.serviceaccount.identity.linkerd.cluster.local`

/** What a proxy that has printed nothing before counts with this exposition. */
async function countedIn(file: string) {
  const target = new TargetCounters(web, 0)
  allAtOnce(target.apply(Buffer.from('process_start_time_seconds 1772359000.12\n'), 1_000))
  const body = await readFile(join(import.meta.dirname, 'expositions', file))
  return allAtOnce(target.apply(body, 6_000))
}

/** Only what is said of a cell: not its own workload, and nothing that is empty. */
function told({ key, ...numbers }: CellDelta) {
  const { namespace, kind, name, pod, direction, ...rest } = key
  expect({ namespace, kind, name, pod }).toEqual({
    namespace: 'shop',
    kind: 'deployment',
    name: 'web',
    pod: 'web-0',
  })
  expect(direction).toBe(key.view === 'outbound' || key.view === 'route' ? 'outbound' : 'inbound')
  const labels = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== ''))
  return { ...labels, ...numbers }
}

const latency = (...buckets: [boundMs: number, count: number][]) => ({
  boundsMs: linkerdLatencyBoundsMs,
  counts: [...linkerdLatencyBoundsMs, Number.POSITIVE_INFINITY].map(
    bound => buckets.find(([boundMs]) => boundMs === bound)?.[1] ?? 0,
  ),
})

test('a proxy of 2022 is read: what it carried, without its own admin port', async () => {
  const { delta, badSamples, samples } = await countedIn('linkerd-2022.txt')
  expect({ badSamples, samples }).toEqual({ badSamples: 0, samples: 17 })
  expect(delta.cells.map(told)).toEqual([
    {
      view: 'outbound',
      peerNamespace: 'linkerd-opaque-ports-test',
      peerKind: 'deployment',
      peerName: 'opaque-pod',
      peerPod: 'opaque-pod-dcf789f5d-sfx7v',
      peerId: identity('default', 'linkerd-opaque-ports-test'),
      port: '8080',
      tls: 'true',
      tcpOpened: 1,
      tcpOpen: 1,
      readBytes: 8_323,
      writeBytes: 3_763,
    },
  ])
})

test('a proxy of today is read: requests by policy and route, edges, attempts, refusals', async () => {
  const { delta, badSamples } = await countedIn('linkerd-current.txt')
  expect(badSamples).toBe(0)
  const caller = identity('web', 'emojivoto')
  const inbound = { view: 'inbound', port: '8080' }
  const byDefault = { server: 'default/all-unauthenticated', authorization: 'default/all-unauthenticated' }
  const byPolicy = { server: 'server/web-http', route: 'HTTPRoute/read' }
  const statuses = (...counts: [string, number][]) => new Map(counts)
  const service = {
    service: 'emojivoto/voting-svc',
    authority: 'voting-svc.emojivoto.svc.cluster.local:8080',
  }
  const cells = delta.cells.map(told)
  expect(cells).toHaveLength(9)
  expect(cells).toEqual(
    expect.arrayContaining([
      {
        ...inbound,
        ...byDefault,
        peerId: caller,
        tls: 'true',
        success: 8,
        statuses: statuses(['success/200/', 8]),
        latency: latency([2, 5], [30, 3]),
      },
      {
        ...inbound,
        ...byPolicy,
        authorization: 'authorizationpolicy/callers',
        peerId: caller,
        tls: 'true',
        failure: 3,
        statuses: statuses(['failure/200/14', 3]),
      },
      {
        ...inbound,
        ...byDefault,
        tls: 'no_tls_from_remote',
        failure: 1,
        statuses: statuses(['failure/503/', 1]),
      },
      {
        ...inbound,
        server: 'default/all-unauthenticated',
        peerId: caller,
        tls: 'true',
        tcpOpened: 4,
        tcpClosed: 1,
        tcpOpen: 3,
      },
      {
        view: 'outbound',
        ...service,
        peerNamespace: 'emojivoto',
        peerKind: 'deployment',
        peerName: 'voting',
        peerPod: 'voting-5f5b555dff-x2m4k',
        peerId: identity('voting', 'emojivoto'),
        port: '8080',
        tls: 'true',
        success: 9,
        statuses: statuses(['success/200/0', 9]),
        latency: latency([10, 9]),
        tcpOpened: 2,
      },
      {
        view: 'route',
        ...service,
        route: 'VoteDoughnut',
        success: 6,
        statuses: statuses(['success/200/0', 6]),
        actualSuccess: 6,
        actualFailure: 2,
      },
      { ...inbound, ...byPolicy, view: 'denied', peerId: caller, tls: 'true', denied: 5 },
      { ...inbound, view: 'limited', server: 'server/web-http', peerId: caller, tls: 'true', limited: 7 },
      { ...inbound, view: 'limited', server: 'server/web-http', tls: 'no_tls_from_remote', unrouted: 2 },
    ]),
  )
})
