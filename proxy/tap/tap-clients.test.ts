import { once } from 'node:events'
import http2 from 'node:http2'
import tls from 'node:tls'
import { create, toBinary } from '@bufbuild/protobuf'
import { Code, ConnectError } from '@connectrpc/connect'
import { afterEach, describe, expect, test } from 'vitest'
import { ObserveRequestSchema } from '#lib/mesh-api/gen/io/linkerd/proxy/tap_pb.ts'
import { TestAuthority } from '#proxy/accept/test-identity.ts'
import { CATALOG, WEB } from '#proxy/accept/test-pair.ts'
import { Cleanup, until } from '#proxy/accept/test-sockets.ts'
import { ANYTHING, GET, startTappedPair, TAP, tapClient } from './test-taps.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

describe('Tap/Observe', () => {
  test('lets in none but the tap identity of this mesh', async () => {
    const { authority, servers, taps } = await startTappedPair(cleanup)
    const address = { ...servers.inbound.address, name: CATALOG }
    const refusal = async (certified: ReturnType<TestAuthority['certify']>) => {
      const [event] = [tapClient(cleanup, address, certified).observe({ limit: 1, match: ANYTHING })]
      const error = await event[Symbol.asyncIterator]()
        .next()
        .then(
          () => null,
          (reason: unknown) => ConnectError.from(reason),
        )
      return error === null ? 'answered' : Code[error.code]
    }
    expect(await refusal(authority.certify(WEB))).toBe('PermissionDenied')
    expect(await refusal(new TestAuthority('another').certify(TAP, authority))).toMatch(
      /^(Canceled|Unavailable)$/,
    )
    const anonymous = tls.createSecureContext({ ca: authority.certificate.toString() })
    expect(await refusal({ server: anonymous, client: anonymous, expiresAtMs: 0 })).toBe('Unauthenticated')
    expect(taps.inbound.isActive).toBe(false)
  })

  test('refuses what it cannot serve', async () => {
    const { observe, servers, taps } = await startTappedPair(cleanup)
    const code = async (request: Parameters<typeof servers.inbound.client.observe>[0]) => {
      try {
        for await (const _ of servers.inbound.client.observe(request)) break
        return 'answered'
      } catch (error) {
        return Code[ConnectError.from(error).code]
      }
    }
    expect(await code({ limit: 0, match: ANYTHING })).toBe('InvalidArgument')
    expect(await code({ limit: 1 })).toBe('InvalidArgument')
    expect(await code({ limit: 1, match: {} })).toBe('InvalidArgument')
    const all = Array.from({ length: 16 }, () => observe.inbound({}))
    await expect
      .poll(() => code({ limit: 1, match: ANYTHING }), { timeout: 10_000 })
      .toBe('ResourceExhausted')
    for (const one of all) one.cancel()
    await until(() => !taps.inbound.isActive, 'the end of all taps')
  })

  test('shows each new connection the certificate of the moment', async () => {
    const { authority, identity, servers } = await startTappedPair(cleanup)
    const fingerprint = async () => {
      const socket = cleanup.add(
        tls.connect({
          ...servers.inbound.address,
          servername: CATALOG,
          ALPNProtocols: ['h2'],
          secureContext: authority.certify(TAP).client,
        }),
        one => one.destroy(),
      )
      await once(socket, 'secureConnect')
      expect(socket.getProtocol()).toBe('TLSv1.3')
      return socket.getPeerX509Certificate()?.fingerprint256
    }
    const first = await fingerprint()
    expect(await fingerprint()).toBe(first)
    identity.renew(authority.certify(CATALOG))
    expect(await fingerprint()).not.toBe(first)
  })

  test('sends events as they are to a client that takes them compressed', async () => {
    const { areOpen, authority, connect, observe, servers } = await startTappedPair(cleanup)
    observe.outbound({})
    const { client: secureContext } = authority.certify(TAP)
    const { host, port } = servers.inbound.address
    const session = cleanup.add(
      http2.connect(`https://${host}:${port}`, { secureContext, servername: CATALOG }),
      one => one.destroy(),
    )
    const stream = session.request({
      ':method': 'POST',
      ':path': '/io.linkerd.proxy.tap.Tap/Observe',
      'content-type': 'application/grpc',
      'grpc-accept-encoding': 'gzip, br',
    })
    const extract = { extract: { case: 'http', value: { extract: { case: 'headers', value: {} } } } } as const
    const asked = toBinary(
      ObserveRequestSchema,
      create(ObserveRequestSchema, { limit: 1, match: ANYTHING, extract }),
    )
    stream.end(Buffer.concat([Buffer.from([0, 0, 0, 0, asked.length]), asked]))
    const headers = once(stream, 'response')
    let received = Buffer.alloc(0)
    stream.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk])
    })
    await until(areOpen, 'both taps')
    const client = await connect()
    client.send(GET.replace('secret', 'a'.repeat(4_000)))
    await until(() => stream.closed, 'the end at the limit')
    expect((await headers)[0]).not.toHaveProperty('grpc-encoding')
    // What is short would be sent as it is anyway.
    expect(received[0]).toBe(0)
    expect(received.readUInt32BE(1)).toBeGreaterThan(4_000)
    expect(received.includes('a'.repeat(4_000))).toBe(true)
  })
})
