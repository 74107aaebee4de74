import { afterEach, expect, test } from 'vitest'
import { Cleanup, until } from '#proxy/accept/test-sockets.ts'
import { httpOf, kindOf, startTappedPair } from '#proxy/tap/test-taps.ts'
import { ask, connectHttp2, startHttp2App } from './test-http2.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

async function start() {
  const app = await startHttp2App(cleanup, (stream, headers) => {
    if (headers[':path'] === '/reset') {
      stream.close(11)
      return
    }
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '5' }))
    stream.end('message')
  })
  const pair = await startTappedPair(cleanup, app.port)
  const sides = [pair.observe.inbound({ limit: 1, headers: true }), pair.observe.outbound({ limit: 1 })]
  await until(pair.areOpen, 'both taps')
  const hear = () => until(() => sides.every(({ state }) => state === 'ended'), 'the ends at the limit')
  return { ...pair, sides, hear, client: connectHttp2(cleanup, pair.outbound.address) }
}

test('a tap sees a gRPC call with its status and trailers', async () => {
  const { client, hear, sides } = await start()
  await ask(
    client,
    { ':method': 'POST', ':path': '/books.Books/Get', 'content-type': 'application/grpc' },
    'x',
  )
  await hear()
  for (const { events } of sides) {
    expect(events.map(kindOf)).toEqual(['requestInit', 'responseInit', 'responseEnd'])
    expect(httpOf(events[0], 'requestInit')).toMatchObject({ path: '/books.Books/Get', authority: 'catalog' })
    expect(httpOf(events[1], 'responseInit').httpStatus).toBe(200)
    const end = httpOf(events[2], 'responseEnd')
    expect(end.eos?.end).toEqual({ case: 'grpcStatusCode', value: 5 })
    expect(end.responseBytes).toBe(7n)
  }
  const trailers = httpOf(sides[0]?.events[2], 'responseEnd').trailers?.headers
  expect(trailers?.map(({ name, value }) => [name, String(Buffer.from(value))])).toEqual([
    ['grpc-status', '5'],
  ])
})

test('a tap sees with which code a request was reset', async () => {
  const { client, hear, sides } = await start()
  expect(await ask(client, { ':path': '/reset' })).toMatchObject({ code: 11 })
  await hear()
  for (const { events } of sides) {
    expect(events.map(kindOf)).toEqual(['requestInit', 'responseEnd'])
    expect(httpOf(events.at(-1), 'responseEnd').eos?.end).toEqual({ case: 'resetErrorCode', value: 11 })
  }
})
