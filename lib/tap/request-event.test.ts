import { describe, expect, test } from 'vitest'
import { testInstance, testState } from '#lib/resources/test-state.ts'
import { MeshIndex } from './mesh-index.ts'
import { joinKey, requestEvent } from './request-event.ts'
import { endHalf, half } from './test-halves.ts'

const web = testInstance('web-0', 'web', '127.18.0.2')
const catalog = testInstance('catalog-0', 'catalog', '127.18.0.4')
const mesh = new MeshIndex(testState([web, catalog]))
const telling = {
  mesh,
  withHeaders: false,
  redacted: new Set<string>(['cookie']),
  instantText: (ms: number) => `${ms} ms`,
}
const told = { id: 7, outbound: null, inbound: null, isPending: false, isAgain: false }

const outbound = half('outbound', {
  destinationLabels: {
    request_id: 'r-1',
    namespace: 'shop',
    pod: 'catalog-0',
    tls: 'true',
    server_id: catalog.identity ?? '',
  },
  routeLabels: { rt_route: 'GET /items' },
  headers: [
    { name: 'accept', value: '*/*' },
    { name: 'cookie', value: 'secret' },
  ],
})
const inbound = half(
  'inbound',
  {
    sourceLabels: { tls: 'true', client_id: web.identity ?? '' },
    destinationLabels: { request_id: 'r-1', tls: 'loopback' },
  },
  1,
)
endHalf(outbound, 5)
endHalf(inbound, 4)

describe('requestEvent()', () => {
  test('names both ends, whichever half is there', () => {
    const ends = {
      source: { workload: web.workload, pod: 'web-0', ip: web.ip },
      destination: { workload: catalog.workload, pod: 'catalog-0', ip: catalog.ip, port: 8080 },
      tls: 'true',
      clientId: web.identity,
      serverId: catalog.identity,
    }
    expect(requestEvent({ ...told, outbound }, telling)).toMatchObject({ ...ends, direction: 'outbound' })
    expect(requestEvent({ ...told, inbound }, telling)).toMatchObject({ ...ends, direction: 'inbound' })
    expect(requestEvent({ ...told, outbound, inbound }, telling)).toMatchObject({
      ...ends,
      direction: 'both',
    })
  })

  test('tells what came of it, and headers only when asked, redacted', () => {
    const event = requestEvent({ ...told, outbound, inbound }, telling)
    expect(event).toMatchObject({
      id: '7',
      at: '0 ms',
      status: 200,
      latencyMs: 2,
      durationMs: 3,
      bytes: 11,
      end: 'complete',
      route: 'GET /items',
      requestId: 'r-1',
    })
    expect(event).not.toHaveProperty('requestHeaders')
    const { requestHeaders } = requestEvent({ ...told, outbound }, { ...telling, withHeaders: true })
    expect(requestHeaders).toEqual([
      { name: 'accept', value: '*/*' },
      { name: 'cookie', value: '[redacted]' },
    ])
  })

  test('calls secured only what every proxy that tells calls so', () => {
    const plain = half('inbound', { sourceLabels: { tls: 'no_tls_from_remote' } })
    expect(requestEvent({ ...told, outbound, inbound: plain }, telling).tls).toBe('no_tls_from_remote')
  })

  test('leaves open who an unknown caller is, and what has not come yet', () => {
    const stranger = half('inbound', { source: { ip: '127.9.9.9', port: 9 } })
    const event = requestEvent({ ...told, inbound: stranger, isPending: true }, telling)
    expect(event.source).toEqual({ workload: null, pod: null, ip: '127.9.9.9', port: 9 })
    expect(event).toMatchObject({ end: 'pending', tls: 'unknown' })
    expect(event).not.toHaveProperty('status')
  })
})

describe('joinKey()', () => {
  test('is the same for both halves of a request, and another for another', () => {
    expect(joinKey(outbound, mesh)).toBe(joinKey(inbound, mesh))
    const other = half('inbound', { ...inbound.start, path: '/other' })
    expect(joinKey(other, mesh)).not.toBe(joinKey(inbound, mesh))
  })

  test('is null without a request id, or when the other end is not known', () => {
    expect(joinKey(half('inbound', { destinationLabels: {} }), mesh)).toBeNull()
    expect(joinKey(half('inbound', { source: { ip: '127.9.9.9', port: 9 } }), mesh)).toBeNull()
  })
})
