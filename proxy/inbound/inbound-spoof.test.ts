import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { allow } from '#proxy/accept/test-proxy.ts'
import { Cleanup, startTcp, until } from '#proxy/accept/test-sockets.ts'
import { encodeTransportHeader, TRANSPORT_ALPN } from '#proxy/tcp/transport-header.ts'
import { authority, secure, startEcho, startProxy, WEB } from './test-inbound.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const CLAIM = 'Host: catalog\r\nl5d-client-id: admin\r\nConnection: close\r\n\r\n'
const OPENINGS = [
  'GET / HTTP/1.1\r\n',
  '\r\nGET / HTTP/1.1\r\n',
  '\r\n\n\r\nGET / HTTP/1.1\r\n',
  'GET https://catalog/ HTTP/1.1\r\n',
  'GET  / HTTP/1.1\r\n',
  'GET /\r\n',
  'GET a://b\r\n',
  'SOURCE / ICE/1.0\r\n',
  'GET a\r\n',
  '@GET / HTTP/1.1\r\n',
  '\x00GET / HTTP/1.1\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
]

describe('an identity that the client made up', () => {
  test.each(OPENINGS)('never reaches the app behind %j', async opening => {
    const { port, seen } = await startEcho(cleanup)
    const proxy = await startProxy(cleanup, port)
    const uncertified = { ALPNProtocols: [] }
    const clients = [await proxy.connect(), secure(cleanup, proxy, null, uncertified)]
    for (const client of clients) client.send(opening + CLAIM)
    const meshed = secure(cleanup, proxy, authority.certify(WEB), { ALPNProtocols: [TRANSPORT_ALPN] })
    await once(meshed.socket, 'secureConnect')
    meshed.socket.write(encodeTransportHeader({ port, name: '', sessionProtocol: 'opaque' }))
    meshed.send(opening + CLAIM)
    for (const client of [...clients, meshed]) await client.ends()
    expect(seen.clientIds.filter(id => id !== undefined && id !== WEB)).toEqual([])
  })

  test('never reaches the app of a client that pauses until detection gives up', async () => {
    const { port, seen } = await startEcho(cleanup)
    const proxy = await startProxy(cleanup, port)
    proxy.policies.set({ ...allow({ kind: 'unauthenticated' }), detectTimeoutMs: 0 })
    const slow = await proxy.connect()
    slow.send('G')
    await expect.poll(proxy.metrics).toMatch(/^tcp_open_total\{direction="inbound",peer="src".*\} 1$/m)
    slow.send(`ET / HTTP/1.1\r\n${CLAIM}`)
    await slow.receives('ok')
    const silent = secure(cleanup, proxy, null)
    await expect.poll(proxy.metrics).toMatch(/^inbound_tcp_authz_allow_total\{.*\} 1$/m)
    silent.send(`GET / HTTP/1.1\r\n${CLAIM}`)
    await silent.ends()
    expect(silent.received).toBe('')
    expect(seen.clientIds).toEqual([undefined])
  })

  test('never reaches the app behind a first line that names HTTP only later', async () => {
    let read = ''
    const port = await startTcp(cleanup, socket => {
      socket.on('data', chunk => {
        read += String(chunk)
        socket.write(chunk)
      })
    })
    const proxy = await startProxy(cleanup, port)
    const client = await proxy.connect()
    client.send('\x01 / ')
    await client.receives('\x01 / ')
    client.send(`HTTP/1.1\r\n${CLAIM}`)
    await until(() => client.isClosed, 'the close')
    expect(read).toBe('\x01 / ')
  })

  test('is no reason to stop a silent client of an app that speaks first, or of another protocol', async () => {
    const greeting = await startTcp(cleanup, socket => {
      socket.write('220 ready\r\n')
      socket.pipe(socket)
    })
    const echo = await startTcp(cleanup, socket => socket.pipe(socket))
    for (const port of [greeting, echo]) {
      const proxy = await startProxy(cleanup, port)
      proxy.policies.set({ ...allow({ kind: 'unauthenticated' }), detectTimeoutMs: 0 })
      const client = secure(cleanup, proxy, null)
      await expect.poll(proxy.metrics).toMatch(/^inbound_tcp_authz_allow_total\{.*\} 1$/m)
      if (port === greeting) await client.receives('220 ready')
      client.send('EHLO ')
      client.send('me\r\n')
      await client.receives('EHLO me\r\n')
    }
  })
})
