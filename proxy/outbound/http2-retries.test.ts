import http2 from 'node:http2'
import { afterEach, describe, expect, test } from 'vitest'
import { testEndpoint } from '#proxy/accept/test-proxy.ts'
import { Cleanup } from '#proxy/accept/test-sockets.ts'
import { ask, connectHttp2, startHttp2App } from '#proxy/http2/test-http2.ts'
import { AUTHORITY, startProxy } from './test-outbound.ts'
import { backend, policyOf, rule } from './test-policy.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const RETRY = { statuses: [], grpcCodes: [14], maxRetries: 1, attemptTimeoutMs: null }

/** A client before an HTTP/2 app whose policy retries; `handle` is told which request of all it is, from 1. */
async function start(
  handle: (stream: http2.ServerHttp2Stream, request: number) => void,
  retry = RETRY,
  kind: 'http' | 'grpc' = 'http',
) {
  const seen = { requests: 0 }
  const app = await startHttp2App(cleanup, stream => handle(stream, ++seen.requests))
  const { discovery, listener, metrics } = await startProxy(cleanup, [])
  discovery.set(AUTHORITY, {
    state: 'resolved',
    endpoints: [testEndpoint('127.0.0.1', app.port)],
    routes: null,
    policy: policyOf([rule({ retry, backends: [backend({ kind })] })]),
  })
  const client = connectHttp2(cleanup, listener.address)
  return { seen, metrics, ask: (headers = {}) => ask(client, { ':authority': 'app', ...headers }) }
}

const GRPC = { 'content-type': 'application/grpc', ':method': 'POST' }

/** Answers a call with a code, with or without a message before. */
function answerCall(stream: http2.ServerHttp2Stream, code: number, message = ''): void {
  if (message === '') {
    stream.respond({ 'content-type': 'application/grpc', 'grpc-status': code }, { endStream: true })
    return
  }
  stream.respond({ 'content-type': 'application/grpc' }, { waitForTrailers: true })
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': code }))
  stream.end(message)
}

test('calls of a gRPC route are counted by the names of their codes, with the bytes they bring', async () => {
  const { ask, metrics } = await start(stream => answerCall(stream, 5, 'message'), RETRY, 'grpc')
  await ask(GRPC)
  expect(metrics()).toMatch(
    /^outbound_grpc_route_request_statuses_total\{.*grpc_status="NOT_FOUND",error=""\} 1$/m,
  )
  expect(metrics()).toMatch(/^outbound_grpc_route_backend_response_frame_size_bytes_sum\{.*\} 7$/m)
  expect(metrics()).not.toContain('outbound_http_route')
})

describe('retries of a policy', () => {
  test('follow a stream that was refused, again and again', async () => {
    const { ask, metrics, seen } = await start((stream, request) => {
      if (request <= 3) stream.close(http2.constants.NGHTTP2_REFUSED_STREAM)
      else stream.respond({ ':status': 200 }, { endStream: true })
    })
    expect(await ask()).toMatchObject({ status: 200, code: 0 })
    expect(seen.requests).toBe(4)
    expect(metrics()).toMatch(/^outbound_http_route_backend_response_statuses_total\{.*error="REFUSED"\} 1$/m)
  })

  test('leave a stream that was reset otherwise', async () => {
    const { ask, seen } = await start(stream => stream.close(http2.constants.NGHTTP2_ENHANCE_YOUR_CALM))
    expect(await ask()).toMatchObject({ code: http2.constants.NGHTTP2_ENHANCE_YOUR_CALM })
    expect(seen.requests).toBe(1)
  })

  test.each([
    [14, '', 2],
    [13, '', 1],
    [14, 'message', 1],
  ])('of gRPC code %s after "%s" mean %s calls', async (code, message, calls) => {
    const { ask, seen } = await start((stream, request) =>
      answerCall(stream, request === 1 ? code : 0, message),
    )
    const { headers, trailers } = await ask(GRPC)
    expect(seen.requests).toBe(calls)
    expect(headers['grpc-status'] ?? trailers['grpc-status']).toBe(String(calls === 2 ? 0 : code))
  })
})
