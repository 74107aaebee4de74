import type { HalfStart } from './half.ts'
import type { Half } from './joiner.ts'

/** A half that begins at 0 ms: web asks catalog, changed as asked. */
export function half(direction: 'inbound' | 'outbound', change: Partial<HalfStart> = {}, atMs = 0): Half {
  return {
    atMs,
    pod: direction === 'inbound' ? 'shop/catalog-0' : 'shop/web-0',
    start: {
      kind: 'start',
      stream: 0,
      direction,
      source: { ip: direction === 'inbound' ? '127.18.0.2' : '127.0.0.1', port: 40_000 },
      destination: { ip: '127.18.0.4', port: 8080 },
      sourceLabels: {},
      destinationLabels: { request_id: 'r-1' },
      routeLabels: {},
      method: 'GET',
      scheme: 'http',
      authority: 'catalog.shop:80',
      path: '/items',
      headers: [],
      ...change,
    },
    response: null,
    end: null,
    endedAtMs: null,
  }
}

/** Ends a half with 200 after 3 ms. */
export function endHalf(of: Half, atMs: number): void {
  const { stream } = of.start
  of.response = { kind: 'response', stream, latencyMs: 2, status: 200, headers: [] }
  of.end = { kind: 'end', stream, durationMs: 3, bytes: 11, grpcStatus: null, resetCode: null }
  of.endedAtMs = atMs
}
