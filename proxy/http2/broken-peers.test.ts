import { Buffer } from 'node:buffer'
import net from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { testTelemetry } from '#proxy/accept/test-proxy.ts'
import { Cleanup, RawClient, startApp, startTcp, until } from '#proxy/accept/test-sockets.ts'
import { HttpRequest } from '#proxy/http/message.ts'
import { secure, startEcho, startProxy as startInboundProxy } from '#proxy/inbound/test-inbound.ts'
import { startProxy } from '#proxy/outbound/test-outbound.ts'
import { createHttp2Upstream } from './http2-upstream.ts'
import { Http2ServerConnection } from './server-connection.ts'
import { HTTP2_DEFAULTS } from './session-options.ts'
import {
  answerFrame,
  FRAME,
  framesOf,
  GOAWAY,
  PREFACE,
  requestFrame,
  resetFrame,
  SETTINGS,
} from './test-frames.ts'
import { answerOf, ask, connectHttp2, startHttp2App } from './test-http2.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const TO_APP = [':authority', 'app'] as const

async function startAnswering() {
  const seen = { requests: 0, cancelled: 0 }
  const app = await startHttp2App(cleanup, (stream, headers) => {
    seen.requests++
    stream.on('aborted', () => {
      seen.cancelled++
    })
    if (headers[':path'] === '/slow') return
    stream.respond({ ':status': 200 })
    stream.end('ok')
  })
  const proxy = await startProxy(cleanup, [app.port])
  const isServing = async () => {
    const session = connectHttp2(cleanup, proxy.listener.address)
    return (await ask(session, { ':authority': 'app' })).body
  }
  return { ...proxy, seen, isServing }
}

describe('a client', () => {
  test('whose frames are none is disconnected, and others are served', async () => {
    const { connect, isServing } = await startAnswering()
    const client = await connect()
    client.socket.write(Buffer.concat([PREFACE, Buffer.alloc(200, 0xff)]))
    await client.ends()
    expect(await isServing()).toBe('ok')
  })

  test.each([
    ['connection', 'close'],
    ['transfer-encoding', 'chunked'],
    ['upgrade', 'h2c'],
    ['te', 'gzip'],
    ['Upper', 'case'],
    [':path', '/again'],
  ])('whose request has the field %s: %s is reset, and its next one answered', async (name, value) => {
    const { connect, seen } = await startAnswering()
    const client = await connect()
    const request = requestFrame(1, [TO_APP, [name, value]])
    client.socket.write(Buffer.concat([PREFACE, SETTINGS, request, requestFrame(3, [TO_APP])]))
    await until(
      () => framesOf(client.received).some(({ stream, type }) => stream === 3 && type === FRAME.headers),
      'the second answer',
    )
    const first = framesOf(client.received).filter(({ stream }) => stream === 1)
    expect(first.map(({ payload, type }) => [type, payload.readUInt32BE()])).toEqual([[FRAME.reset, 1]])
    expect(seen.requests).toBe(1)
  })

  test('that sends too many fields is refused, and its next request answered', async () => {
    const { connect, listener } = await startAnswering()
    const session = connectHttp2(cleanup, listener.address)
    const many = Object.fromEntries(Array.from({ length: 128 }, (_, i) => [`x-${i}`, 'y']))
    const answer = await ask(session, { ':authority': 'app', ...many })
    expect([answer.status, answer.code]).toEqual([431, 0])
    expect(await ask(session, { ':authority': 'app' })).toMatchObject({ status: 200 })
    const client = await connect()
    const long = Array.from({ length: 20 }, (_, i) => [`x-${i}`, 'y'.repeat(4000)] as const)
    const next = requestFrame(3, [TO_APP])
    client.socket.write(Buffer.concat([PREFACE, SETTINGS, requestFrame(1, [TO_APP, ...long]), next]))
    const answers = () => framesOf(client.received).filter(({ type }) => type === FRAME.headers)
    await until(() => answers().some(({ stream }) => stream === 3), 'the second answer')
    expect(answers().map(({ stream }) => stream)).toEqual([3])
  })

  test('that resets what it asks, over and over, is disconnected, and leaves nothing under way', async () => {
    const { connect, isServing, metrics } = await startAnswering()
    const client = await connect()
    const frames: Buffer[] = [PREFACE, SETTINGS]
    for (let i = 0; i < 1200; i++) {
      frames.push(requestFrame(2 * i + 1, [TO_APP]), resetFrame(2 * i + 1, 8))
    }
    client.socket.write(Buffer.concat(frames))
    await client.ends()
    expect(await isServing()).toBe('ok')
    const requests = sumOf(metrics(), 'request_total')
    await until(() => sumOf(metrics(), 'response_total') === requests, 'all to have ended')
  })

  test('that resets what it asks too often is told to go, and its requests under way are answered', async () => {
    const { connect } = await startAnswering()
    const client = await connect()
    const frames: Buffer[] = [PREFACE, SETTINGS]
    for (let i = 0; i < 600; i++) {
      frames.push(requestFrame(2 * i + 1, [TO_APP]), resetFrame(2 * i + 1, 8))
    }
    frames.push(requestFrame(1201, [TO_APP]))
    client.socket.write(Buffer.concat(frames))
    const received = (type: number, id: number) =>
      framesOf(client.received).some(({ stream, type: kind }) => kind === type && stream === id)
    await until(() => received(FRAME.goaway, 0), 'the word to go')
    await until(() => received(FRAME.headers, 1201), 'the answer')
  })

  test.each([
    ['is silent', SETTINGS],
    ['says good-bye, and stays', Buffer.concat([SETTINGS, GOAWAY])],
  ])('that %s is disconnected', async (_, frames) => {
    let closed = false
    const port = await startTcp(cleanup, socket => {
      const connection = new Http2ServerConnection(socket, {
        service: { handle: () => ({ clientGone: () => {}, requestBroken: () => {} }) },
        transport: testTelemetry().inboundDestination(),
        idleTimeoutMs: 60_000,
        restoresHttp1: false,
        settings: { ...HTTP2_DEFAULTS, keepAlive: { intervalMs: 20, timeoutMs: 20 } },
        refused: () => {},
        closed: () => {
          closed = true
        },
      })
      connection.start(Buffer.alloc(0))
    })
    const client = await RawClient.connect(cleanup, { host: '127.0.0.1', port })
    client.socket.write(Buffer.concat([PREFACE, frames]))
    await until(() => closed, 'the connection to be given back')
  })

  test.each([false, true])(
    'cannot make up an identity, be it of HTTP/1 carried in HTTP/2: %s',
    async carried => {
      const { port, seen } = await startEcho(cleanup)
      const proxy = await startInboundProxy(cleanup, port)
      const claim = [
        ['l5d-client-id', 'admin'],
        ['l5d_client_id', 'admin'],
        ...(carried ? ([['l5d-orig-proto', 'HTTP/1.1']] as const) : []),
      ] as const
      const opening = Buffer.concat([
        PREFACE,
        SETTINGS,
        requestFrame(1, [[':authority', 'catalog'], ...claim]),
      ])
      const clients = [await proxy.connect(), secure(cleanup, proxy, null, { ALPNProtocols: [] })]
      for (const client of clients) client.socket.write(opening)
      for (const client of clients) {
        await until(
          () => framesOf(client.received).some(({ stream, type }) => stream === 1 && type === FRAME.headers),
          'an answer',
        )
      }
      expect(seen.clientIds.filter(id => id !== undefined)).toEqual([])
      expect(seen.requests).toBe(carried ? 2 : 0)
    },
  )
})

describe('an upstream', () => {
  test('that speaks no HTTP/2 is answered for', async () => {
    const port = await startApp(cleanup, (_, response) => response.end('http/1'))
    const { listener } = await startProxy(cleanup, [port])
    const answer = await ask(connectHttp2(cleanup, listener.address), { ':authority': 'app' })
    expect(answer).toMatchObject({ status: 502, code: 0 })
  })

  test('that answers before the request is whole is told that the rest does not come', async () => {
    let received = ''
    const port = await startTcp(cleanup, socket => {
      socket.write(SETTINGS)
      socket.on('data', chunk => {
        const isFirst = received === ''
        received += (chunk as Buffer).toString('latin1')
        if (isFirst) socket.write(answerFrame(1))
      })
    })
    const { listener } = await startProxy(cleanup, [port])
    const stream = connectHttp2(cleanup, listener.address).request({ ':method': 'POST', ':authority': 'app' })
    stream.write('x')
    expect(await answerOf(stream)).toMatchObject({ status: 200, code: 0 })
    const resets = () => framesOf(received.slice(PREFACE.length)).filter(({ type }) => type === FRAME.reset)
    await until(() => resets().length > 0, 'the reset')
    expect(resets().map(({ payload, stream: id }) => [id, payload.readUInt32BE()])).toEqual([[1, 8]])
  })

  test('that goes away in the middle of an answer breaks it off', async () => {
    const app = await startHttp2App(cleanup, stream => {
      stream.respond({ ':status': 200 })
      stream.write('part', () => {
        for (const socket of app.seen.sockets) socket.resetAndDestroy()
      })
    })
    const { listener, metrics } = await startProxy(cleanup, [app.port])
    const answer = await ask(connectHttp2(cleanup, listener.address), { ':authority': 'app' })
    expect(answer).toMatchObject({ status: 200, code: 2 })
    expect(metrics()).toMatch(/^response_total\{.*status_code="200".*error="upstream closed"\} 1$/m)
  })

  test('that refuses every stream is asked three times, and then its word passed on', async () => {
    let asked = 0
    const app = await startHttp2App(cleanup, stream => {
      asked++
      stream.close(7)
    })
    const { listener } = await startProxy(cleanup, [app.port])
    const answer = await ask(connectHttp2(cleanup, listener.address), { ':authority': 'app' })
    expect(answer).toMatchObject({ status: 0, code: 7 })
    expect(asked).toBe(3)
  })

  test('whose requests are cancelled by the thousand keeps the others', async () => {
    const { listener, seen } = await startAnswering()
    const session = connectHttp2(cleanup, listener.address)
    const patient = session.request({ ':authority': 'app', ':path': '/slow' })
    let isReset = false
    patient.on('error', () => {})
    patient.on('close', () => {
      isReset = true
    })
    // By clients of their own: more resets of one connection would end that.
    for (let round = 1; round <= 9; round++) {
      const impatient = connectHttp2(cleanup, listener.address)
      const streams = Array.from({ length: 240 }, () =>
        impatient.request({ ':authority': 'app', ':path': '/slow' }),
      )
      await until(() => seen.requests === round * 240 + 1, 'the app to be asked')
      for (const stream of streams) {
        stream.on('error', () => {})
        stream.close(8)
      }
      await until(() => seen.cancelled === round * 240, 'the app to be told')
    }
    expect(isReset).toBe(false)
  })

  test('that is silent is given up', async () => {
    const port = await startTcp(cleanup, socket => {
      socket.resume()
    })
    let failure = ''
    const upstream = createHttp2Upstream({
      connect: done => {
        const socket = net.connect(port, '127.0.0.1', () => done({ kind: 'connected', socket }))
        return () => socket.destroy()
      },
      transport: testTelemetry().inboundDestination(),
      idleTimeoutMs: 60_000,
      settings: { ...HTTP2_DEFAULTS, keepAlive: { intervalMs: 20, timeoutMs: 20 } },
    })
    const request = new HttpRequest()
    Object.assign(request, { method: 'GET', authority: 'app', isHttp2: true })
    upstream.send(request, {
      sent: () => {},
      interim: () => {},
      response: () => {},
      failed: ({ kind }) => {
        failure = kind
      },
    })
    await until(() => failure === 'broken', 'the request to fail')
    upstream.close()
  })
})

function sumOf(metrics: string, family: string): number {
  const lines = metrics.split('\n').filter(line => line.startsWith(`${family}{direction="outbound"`))
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
}
