import { afterEach, describe, expect, test } from 'vitest'
import { compileRoutes } from '#lib/profile/compile-routes.ts'
import { allow } from '#proxy/accept/test-proxy.ts'
import { Cleanup, startApp, startTcp, until } from '#proxy/accept/test-sockets.ts'
import { GET, startEcho, startProxy, WEB } from './test-inbound.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

describe('plaintext connections', () => {
  test('reach the first app port with no identity, whatever they claim', async () => {
    const { port, seen } = await startEcho(cleanup)
    const proxy = await startProxy(cleanup, port)
    const client = await proxy.connect()
    client.send(`GET / HTTP/1.1\r\nHost: catalog\r\nl5d-client-id: ${WEB}\r\nL5D-Client-Id: x\r\n\r\n`)
    await client.receives('ok')
    expect(seen.clientIds).toEqual([undefined])
    expect(proxy.metrics()).toMatch(
      /request_total\{direction="inbound",.*tls="no_identity",no_tls_reason="no_tls_from_remote".*\} 1/,
    )
    expect(proxy.metrics()).toMatch(
      /meshscope_inbound_client_response_total\{client_ip="127\.18\.9\.7".*\} 1/,
    )
  })

  test('are counted by the routes of the service they name, and judged by its classes', async () => {
    const { port } = await startEcho(cleanup)
    const proxy = await startProxy(cleanup, port)
    proxy.profiles.set(
      'catalog.shop',
      compileRoutes('catalog.shop.svc.cluster.local:80', [
        {
          name: 'GET /items/{id}',
          labels: { route: 'GET /items/{id}' },
          condition: { pathRegex: '/items/[^/]+' },
          responseClasses: [{ condition: { status: { min: 200, max: 200 } }, isFailure: true }],
          isRetryable: false,
          timeoutMs: null,
        },
      ]),
    )
    const client = await proxy.connect()
    for (const path of ['/items/7', '/items/8', '/other']) {
      client.send(`GET ${path} HTTP/1.1\r\nHost: catalog.shop\r\n\r\n`)
    }
    await until(() => client.received.split('\r\n\r\nok').length === 4, 'three answers')
    const dst = 'direction="inbound",dst="catalog.shop.svc.cluster.local:80"'
    expect(proxy.metrics()).toContain(`route_request_total{${dst},rt_route="GET /items/{id}"} 2`)
    expect(proxy.metrics()).toContain(
      `route_response_total{${dst},rt_route="GET /items/{id}",status_code="200",classification="failure",grpc_status="",error=""} 2`,
    )
    expect(proxy.metrics()).toContain(
      `route_response_total{${dst},status_code="200",classification="success",grpc_status="",error=""} 1`,
    )
  })

  test('are denied with 403 where policy wants identities, without a reason', async () => {
    const { port, seen } = await startEcho(cleanup)
    const proxy = await startProxy(cleanup, port)
    proxy.policies.set(allow({ kind: 'tls' }))
    const client = await proxy.connect()
    client.send(GET + GET)
    await until(() => client.received.split('403 Forbidden').length === 3, 'two denials')
    expect(client.received).not.toContain('l5d-proxy-error')
    expect(seen.requests).toBe(0)
    expect(proxy.metrics()).toMatch(/inbound_http_authz_deny_total\{.*\} 2/)
    client.send('POST /a.B/C HTTP/1.1\r\nHost: catalog\r\nContent-Type: application/grpc\r\n\r\n')
    await client.receives('grpc-status: 7')
    proxy.policies.set(allow({ kind: 'unauthenticated' }))
    client.send(GET)
    await client.receives('200 OK')
  })

  test('that are not HTTP are passed on as they are, until policy denies them', async () => {
    const port = await startTcp(cleanup, socket => socket.pipe(socket))
    const proxy = await startProxy(cleanup, port)
    const client = await proxy.connect()
    client.send('\x01binary')
    await client.receives('\x01binary')
    expect(proxy.metrics()).toMatch(/inbound_tcp_authz_allow_total\{.*\} 1/)
    proxy.policies.set(allow({ kind: 'tls' }))
    await client.ends()
    expect(proxy.metrics()).toMatch(/inbound_tcp_authz_terminate_total\{.*\} 1/)
    const denied = await proxy.connect()
    denied.send('\x01binary')
    await denied.ends()
    expect(denied.received).toBe('')
    expect(proxy.metrics()).toMatch(/inbound_tcp_authz_deny_total\{.*\} 1/)
  })

  test('that are half-closed still hear the answer', async () => {
    const port = await startTcp(cleanup, socket => {
      let text = ''
      socket.on('data', chunk => {
        text += String(chunk)
      })
      socket.on('end', () => socket.end(`<${text}>`))
    })
    const proxy = await startProxy(cleanup, port)
    const client = await proxy.connect()
    client.socket.end('\x01abc')
    await client.receives('<\x01abc>')
    await client.ends()
  })

  test('that say nothing are dropped after the detection timeout', async () => {
    const { port } = await startEcho(cleanup)
    const proxy = await startProxy(cleanup, port, { inboundDetectTimeoutMs: 50 })
    const client = await proxy.connect()
    await client.ends()
    expect(proxy.metrics()).toMatch(/inbound_tcp_errors_total\{error="tls detection timeout".*\} 1/)
  })

  test('that stop within a head are told 408, and counted', async () => {
    const { port } = await startEcho(cleanup)
    const proxy = await startProxy(cleanup, port, { inboundDetectTimeoutMs: 50 })
    const client = await proxy.connect()
    client.send('GET / HTTP/1.1\r\nHos')
    await client.receives('HTTP/1.1 408 ')
    expect(proxy.metrics()).toMatch(/^inbound_http_errors_total\{error="request timeout".*\} 1$/m)
  })

  test('get 502 when the app refuses', async () => {
    const proxy = await startProxy(cleanup, 1)
    const client = await proxy.connect()
    client.send(GET)
    await client.receives('502 Bad Gateway')
    expect(proxy.metrics()).toMatch(/response_total\{.*status_code="502",classification="failure".*\} 1/)
  })

  test('beyond the requests that may be in flight get 503', async () => {
    let answer = () => {}
    let requests = 0
    const port = await startApp(cleanup, (_, response) => {
      requests++
      answer = () => response.end('ok')
    })
    const proxy = await startProxy(cleanup, port, { maxInFlight: 1 })
    const first = await proxy.connect()
    first.send(GET)
    const second = await proxy.connect()
    await until(() => requests === 1, 'the first request')
    second.send(GET)
    await second.receives('503 Service Unavailable')
    answer()
    await first.receives('ok')
    first.send(GET)
    await until(() => requests === 2, 'the next request')
  })
})
