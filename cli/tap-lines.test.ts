import { expect, test } from 'vitest'
import type { TapEvent } from '#lib/api/tap.ts'
import { tapLines } from './tap-lines.ts'

const event: TapEvent = {
  id: '7',
  at: '2026-01-01T00:00:00.000Z',
  source: {
    workload: { namespace: 'shop', kind: 'deployment', name: 'web' },
    pod: 'web-0',
    ip: '127.18.0.2',
    port: 40_000,
  },
  destination: { workload: null, pod: null, ip: 'ff01::1', port: 0 },
  direction: 'both',
  tls: 'true',
  clientId: 'web.shop',
  serverId: '',
  method: 'GET',
  scheme: 'http',
  authority: 'catalog:80',
  path: '/items?page=2',
  route: 'GET /items',
  status: 200,
  latencyMs: 1.234,
  durationMs: 3,
  bytes: 11,
  end: 'complete',
}
const common = 'id=0:7 proxy=out src=127.18.0.2:40000 dst=[ff01::1]:0 tls=true'

test('tapLines() prints what Linkerd prints, for a whole request', () => {
  expect(tapLines(event, new Map(), false)).toEqual([
    `req ${common} :method=GET :authority=catalog:80 :path=/items?page=2`,
    `rsp ${common} :status=200 latency=1234µs`,
    `end ${common} duration=1766µs response-length=11B`,
  ])
  const inbound = tapLines({ ...event, direction: 'inbound' }, new Map(), false)
  expect(inbound[0]).toContain(' proxy=in  src=')
})

test('tapLines() tells how it ended, when that was gRPC or broke off', () => {
  const end = (change: Partial<TapEvent>) => tapLines({ ...event, ...change }, new Map(), false).at(-1)
  expect(end({ grpcStatus: 14 })).toContain(' grpc-status=Unavailable duration=')
  expect(end({ end: 'reset', resetCode: 8 })).toContain(' reset-error=8 duration=')
})

test('tapLines() prints nothing twice of a request that is told again at its end', () => {
  const printed = new Map()
  const { status, latencyMs, durationMs, bytes, ...began } = event
  const kinds = (one: TapEvent) => tapLines(one, printed, false).map(line => line.slice(0, 3))
  expect(kinds({ ...began, end: 'pending' })).toEqual(['req'])
  expect(kinds(event)).toEqual(['rsp', 'end'])
  expect(printed.size).toBe(0)
  expect([status, latencyMs, durationMs, bytes]).toEqual([200, 1.234, 3, 11])
})

test('tapLines() names the ends, when wide', () => {
  expect(tapLines(event, new Map(), true)[0]).toBe(
    `req ${common} :method=GET :authority=catalog:80 :path=/items?page=2` +
      ' src_deployment=web src_namespace=shop src_pod=web-0 src_client_id=web.shop rt_route=GET /items',
  )
})
