import { afterEach, describe, expect, test } from 'vitest'
import type { TapEvent } from '#lib/mesh-api/gen/io/linkerd/proxy/tap_pb.ts'
import { Cleanup, until } from '#proxy/accept/test-sockets.ts'
import { GET, kindOf, observeByGrpcJs, startTappedPair, streamOf, TAP } from './test-taps.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

describe('Tap/Observe', () => {
  test('ends when the requests up to the limit are told, and counts those beyond', async () => {
    const held: (() => void)[] = []
    const { areOpen, connect, metrics, observe } = await startTappedPair(cleanup, (request, response) => {
      if (request.url === '/held') held.push(() => response.end('late'))
      else response.end('ok')
    })
    const [inside] = [observe.inbound({ limit: 2 }), observe.outbound({ limit: 2 })]
    await until(areOpen, 'both taps')
    const [slow, quick] = [await connect(), await connect()]
    slow.send('GET /held HTTP/1.1\r\nHost: catalog\r\n\r\n')
    await until(() => inside.events.length === 1, 'the first request')
    quick.send(GET + GET + GET)
    await until(
      () => metrics.inbound().includes('meshscope_tap_events_total{result="limit"} 2'),
      'two counts',
    )
    expect(inside.state).toBe('open')
    held[0]?.()
    await until(() => inside.state === 'ended', 'the end')
    expect(inside.events.map(event => `${kindOf(event)} ${streamOf(event).split('/')[1]}`)).toEqual([
      'requestInit 0',
      'requestInit 1',
      'responseInit 1',
      'responseEnd 1',
      'responseInit 0',
      'responseEnd 0',
    ])
    expect(metrics.inbound()).toContain('meshscope_tap_events_total{result="sent"} 6')
  })

  test('frees everything when its client leaves, and counts what was not read', async () => {
    const { areOpen, connect, metrics, observe, taps } = await startTappedPair(cleanup, (_, response) =>
      response.write('partly'),
    )
    const [inside, outside] = [observe.inbound({}), observe.outbound({})]
    await until(areOpen, 'both taps')
    const client = await connect()
    client.send(GET)
    await until(() => inside.events.length === 2 && outside.events.length === 2, 'the request')
    inside.cancel()
    outside.cancel()
    await until(() => !taps.inbound.isActive && !taps.outbound.isActive, 'the end of both taps')
    client.socket.resetAndDestroy()
    await until(() => metrics.inbound().includes('result="closed"} 1'), 'the count at the callee')
    await until(() => metrics.outbound().includes('result="closed"} 1'), 'the count at the caller')
  })

  test('leaves requests out whole, and counts them, while its client does not read', async () => {
    const { authority, connect, metrics, servers, taps } = await startTappedPair(cleanup)
    const call = observeByGrpcJs(cleanup, servers.inbound.address, authority.certify(TAP), 100_000)
    const seen = new Map<string, string[]>()
    let events = 0
    call.on('data', (event: TapEvent) => {
      events++
      seen.set(streamOf(event), [...(seen.get(streamOf(event)) ?? []), kindOf(event)])
    })
    call.pause()
    await until(() => taps.inbound.isActive, 'the tap')
    const client = await connect()
    const count = (result: string) =>
      Number(
        new RegExp(`meshscope_tap_events_total\\{result="${result}"\\} (\\d+)`).exec(
          metrics.inbound(),
        )?.[1] ?? 0,
      )
    let asked = 0
    while (count('buffer') < 50) {
      asked += 50
      client.received = ''
      client.send(GET.repeat(50))
      await until(() => client.received.split('HTTP/1.1 200').length === 51, '50 answers')
      expect(asked).toBeLessThan(20_000)
    }
    const told = asked - count('buffer')
    expect(told * 3 - count('sent')).toBeLessThanOrEqual(600)
    call.resume()
    await until(() => events === told * 3, 'every event of the requests that were told')
    expect(count('sent')).toBe(events)
    expect([...new Set([...seen.values()].map(kinds => kinds.join()))]).toEqual([
      'requestInit,responseInit,responseEnd',
    ])
    call.cancel()
    await until(() => !taps.inbound.isActive, 'the end of the tap')
  })
})
