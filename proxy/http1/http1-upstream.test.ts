import { Buffer } from 'node:buffer'
import net from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { Cleanup, startApp, until } from '#proxy/accept/test-sockets.ts'
import { HttpRequest } from '#proxy/http/message.ts'
import type { ResponseReceiver } from '#proxy/http/service.ts'
import type { Connected } from '#proxy/tcp/connect.ts'
import { createHttp1Upstream } from './http1-upstream.ts'
import { RequestParser } from './request-parser.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const HEAD = Buffer.from('GET / HTTP/1.1\r\nHost: app\r\n\r\n', 'latin1')
const noTransport = { opened: () => {}, read: () => {}, wrote: () => {}, closed: () => {} }

/** An upstream whose connecting the test ends: `dials` are those under way. */
function makeUpstream() {
  const dials: ((result: Connected) => void)[] = []
  const upstream = createHttp1Upstream({
    connect: done => {
      dials.push(done)
      return () => {
        dials.splice(dials.indexOf(done), 1)
      }
    },
    transport: noTransport,
    maxHeadBytes: 65_536,
    maxIdle: 100,
    idleTimeoutMs: 60_000,
  })
  cleanup.add(upstream, one => one.close())
  const outcomes: string[] = []
  const send = () => {
    const request = new HttpRequest()
    new RequestParser(request).parse(HEAD, 0, HEAD.length)
    const receiver: ResponseReceiver = {
      sent: () => {},
      interim: () => {},
      response: response =>
        response.body.start(
          {
            data: () => true,
            flush: () => {},
            end: () => outcomes.push(String(response.status)),
            abort: () => outcomes.push('aborted'),
          },
          false,
        ),
      failed: failure => outcomes.push(failure.kind),
    }
    return upstream.send(request, receiver)
  }
  return { send, dials, outcomes }
}

describe('createHttp1Upstream()', () => {
  test('connects a bounded number of times at once, and lets the others wait for what becomes idle', async () => {
    const port = await startApp(cleanup, (_, response) => response.end('ok'))
    const { send, dials, outcomes } = makeUpstream()
    for (let i = 0; i < 600; i++) send()
    expect(dials).toHaveLength(32)
    const socket = net.connect(port, '127.0.0.1')
    cleanup.add(socket, one => one.destroy())
    const done = dials.shift()
    await new Promise(resolve => socket.once('connect', resolve))
    done?.({ kind: 'connected', socket })
    // The 31 others, and the one that took the slot, are still connecting.
    await until(() => outcomes.length === 600 - 32, 'the answers over one connection')
    expect(new Set(outcomes)).toEqual(new Set(['200']))
    expect(dials).toHaveLength(32)
  })

  test('goes on with the next when a call that connects or waits is cancelled', () => {
    const { send, dials, outcomes } = makeUpstream()
    const calls = Array.from({ length: 34 }, send)
    const last = dials.at(-1)
    calls[32]?.cancel()
    calls[0]?.cancel()
    calls[0]?.cancel()
    expect(dials).toHaveLength(32)
    expect(dials.at(-1)).not.toBe(last)
    calls[1]?.cancel()
    expect(dials).toHaveLength(31)
    expect(outcomes).toEqual([])
  })

  test('fails those who wait with the one that could not connect, while nobody is connected', () => {
    const { send, dials, outcomes } = makeUpstream()
    for (let i = 0; i < 40; i++) send()
    dials[0]?.({ kind: 'connect-timeout', message: 'too late' })
    expect(outcomes).toEqual(Array.from({ length: 9 }, () => 'connect-timeout'))
  })

  test('connects once more for a call whose connecting took too long, while others are connected', async () => {
    const port = await startApp(cleanup, () => {})
    const { send, dials, outcomes } = makeUpstream()
    send()
    const socket = net.connect(port, '127.0.0.1')
    cleanup.add(socket, one => one.destroy())
    await new Promise(resolve => socket.once('connect', resolve))
    dials.shift()?.({ kind: 'connected', socket })
    send()
    for (let dial = 1; dial <= 4; dial++) {
      expect(outcomes).toEqual([])
      dials.shift()?.({ kind: 'connect-timeout', message: 'too late' })
    }
    expect(outcomes).toEqual(['connect-timeout'])
    expect(dials).toHaveLength(0)
  })

  test('sheds what comes when too many wait', () => {
    const { send, outcomes } = makeUpstream()
    for (let i = 0; i < 32 + 8192; i++) send()
    expect(outcomes).toEqual([])
    send()
    expect(outcomes).toEqual(['load-shed'])
  })
})
