// @vitest-environment happy-dom
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createRoot, type Root } from 'react-dom/client'
import { Server, type Socket } from 'socket.io'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { LiveClientEvents, LiveServerEvents } from '#lib/api/live.ts'
import { LiveProvider } from './live-provider.tsx'
import { type QuestionState, useQuestion } from './use-question.ts'

declare const window: Window & { readonly happyDOM: { setURL(url: string): void } }

const span = { start: '2026-01-01T00:00:00Z', end: '2026-01-01T00:01:00Z', stepSeconds: 1 }
const answerOf = (expected: number) => ({
  span,
  coverage: { expected, answered: expected, oldestSampleAt: null, missing: [] },
  rows: [],
})
const until = (check: () => void) => vi.waitFor(check, 10_000)
const error = { code: 'STORE', message: 'The store is gone', hint: 'Check the disk' }

describe('useQuestion()', () => {
  let http: HttpServer
  let io: Server<LiveClientEvents, LiveServerEvents>
  let sockets: Socket<LiveClientEvents, LiveServerEvents>[]
  let rest: { status: number; body: unknown }
  let seen: QuestionState<{ readonly coverage: { readonly expected: number } }>[]
  let root: Root

  function Probe() {
    seen.push(useQuestion('proxies', { namespace: 'shop' }))
    return null
  }
  const newest = () => seen.at(-1)
  const expectedSeen = () => {
    const state = newest()
    return state === undefined || state.state === 'loading' || state.state === 'failed'
      ? null
      : state.answer.coverage.expected
  }
  const open = () => root.render(<LiveProvider children={<Probe />} />)

  beforeEach(async () => {
    seen = []
    sockets = []
    http = createServer((_, response) => {
      response.writeHead(rest.status, { 'content-type': 'application/json' })
      response.end(JSON.stringify(rest.body))
    })
    io = new Server(http)
    io.of('/live').on('connection', socket => {
      socket.on('subscribe', (_, reply) => {
        reply({ subscription: 's' })
        sockets.push(socket)
      })
    })
    await new Promise<void>(resolve => http.listen(0, '127.0.0.1', resolve))
    window.happyDOM.setURL(`http://127.0.0.1:${(http.address() as AddressInfo).port}/`)
    root = createRoot(document.createElement('div'))
  })
  afterEach(async () => {
    root.unmount()
    await io.close()
  })

  test('draws what REST says first, then what the socket says, then that the connection is lost', async () => {
    rest = { status: 200, body: answerOf(1) }
    open()
    await until(() => expect(expectedSeen()).toBe(1))
    expect(seen[0]).toEqual({ state: 'loading' })
    await until(() => expect(sockets).toHaveLength(1))
    sockets[0]?.emit('snapshot', { subscription: 's', revision: 1, data: answerOf(2) })
    await until(() => expect(expectedSeen()).toBe(2))
    sockets[0]?.emit('failed', { subscription: 's', error })
    await until(() => expect(newest()).toMatchObject({ state: 'stale', failure: error }))
    sockets[0]?.emit('snapshot', { subscription: 's', revision: 2, data: answerOf(3) })
    await until(() => expect(newest()).toMatchObject({ state: 'answered' }))
    await io.close()
    await until(() => expect(newest()).toMatchObject({ state: 'stale', failure: null }))
    expect(expectedSeen()).toBe(3)
  })

  test('says why REST failed, and recovers when the socket answers', async () => {
    rest = { status: 503, body: { error } }
    open()
    await until(() => expect(newest()).toMatchObject({ state: 'failed', failure: error }))
    await until(() => expect(sockets).toHaveLength(1))
    sockets[0]?.emit('snapshot', { subscription: 's', revision: 1, data: answerOf(4) })
    await until(() => expect(newest()).toMatchObject({ state: 'answered' }))
  })
})
