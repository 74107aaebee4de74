import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, TLSSocket } from 'node:tls'
import { timestampFromMs } from '@bufbuild/protobuf/wkt'
import { Code, ConnectError } from '@connectrpc/connect'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type CertifyRequest, Identity as Service } from '#lib/mesh-api/gen/io/linkerd/proxy/identity_pb.ts'
import { startTestServer } from '#proxy/control/test-server.ts'
import { createLog } from '#proxy/log.ts'
import type { Identity } from './identity.ts'
import { startIdentity } from './renewing-identity.ts'
import { createTestCa, type TestCa } from './test-ca.ts'

const NAME = 'web.shop.serviceaccount.identity.linkerd.cluster.local'

let directory = ''
let ca: TestCa
let closers: (() => Promise<void>)[] = []
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'identity-'))
  await writeFile(join(directory, 'token'), 'first token')
  ca = createTestCa()
  closers = []
})
afterEach(async () => {
  for (const close of closers.reverse()) await close()
  await rm(directory, { recursive: true })
})

type Answer = (request: CertifyRequest) => Promise<{
  leafCertificate: Uint8Array
  intermediateCertificates: Uint8Array[]
  validUntil?: ReturnType<typeof timestampFromMs>
}>

const issuing =
  (options: { lifetimeMs: number; dnsName?: string }, authority = ca): Answer =>
  async ({ certificateSigningRequest }) => {
    const { leaf, intermediate, validUntilMs } = authority.issue(certificateSigningRequest, {
      dnsName: NAME,
      ...options,
    })
    return {
      leafCertificate: leaf,
      intermediateCertificates: [intermediate],
      validUntil: timestampFromMs(validUntilMs),
    }
  }

async function start(answer: Answer): Promise<{
  identity: Identity
  requests: CertifyRequest[]
  lines: string[]
  counted: { certified: number; failed: number }
}> {
  const requests: CertifyRequest[] = []
  const lines: string[] = []
  const counted = { certified: 0, failed: 0 }
  const server = await startTestServer(router =>
    router.service(Service, {
      certify(request) {
        requests.push(request)
        return answer(request)
      },
    }),
  )
  closers.push(() => server.close())
  const identity = await startIdentity({
    config: {
      ...server.address,
      directory,
      trustAnchorsPem: ca.trustAnchorsPem,
      tokenFile: join(directory, 'token'),
      localName: NAME,
      minRefreshMs: 20,
      maxRefreshMs: 86_400_000,
    },
    log: createLog({ level: 'debug', write: line => lines.push(line), nowMs: Date.now }),
    nowMs: Date.now,
    random: () => 0,
    telemetry: {
      certified: () => counted.certified++,
      certificateFailed: () => counted.failed++,
    },
  })
  closers.push(() => identity.close())
  return { identity, requests, lines, counted }
}

test('startIdentity() sends name, token and request, and speaks TLS 1.3 with the answer', async () => {
  const { identity, requests } = await start(issuing({ lifetimeMs: 60_000 }))
  await identity.ready
  expect(requests[0]?.identity).toBe(NAME)
  expect(Buffer.from(requests[0]?.token ?? []).toString()).toBe('first token')
  const certified = identity.current()
  if (certified === null) throw new Error('not certified')
  const server = createServer()
  const accepted = new Promise<TLSSocket>(resolve =>
    server.once('connection', socket => {
      const tls = new TLSSocket(socket, {
        isServer: true,
        secureContext: certified.server,
        requestCert: true,
        rejectUnauthorized: true,
      })
      tls.once('secure', () => resolve(tls))
    }),
  )
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  const client = connect({
    host: '127.0.0.1',
    port: address.port,
    servername: NAME,
    secureContext: certified.client,
  })
  await new Promise<void>((resolve, reject) => client.once('secureConnect', resolve).once('error', reject))
  const seen = await accepted
  expect(client.authorized).toBe(true)
  expect(client.getProtocol()).toBe('TLSv1.3')
  expect(seen.getPeerCertificate().subjectaltname).toBe(`DNS:${NAME}`)
  client.destroy()
  server.close()
})

test('startIdentity() renews after 70 % of the lifetime, with the token of that moment', async () => {
  const { identity, requests, counted } = await start(issuing({ lifetimeMs: 700 }))
  await identity.ready
  const first = identity.current()
  await writeFile(join(directory, 'token'), 'second token')
  const certifiedAt = performance.now()
  await vi.waitFor(() => expect(identity.current()).not.toBe(first), { timeout: 5000, interval: 5 })
  expect(performance.now() - certifiedAt).toBeGreaterThan(300)
  expect(Buffer.from(requests[1]?.token ?? []).toString()).toBe('second token')
  await vi.waitFor(() => expect(counted.certified).toBeGreaterThanOrEqual(4), { timeout: 5000 })
  expect(counted.failed).toBe(0)
})

test('startIdentity() keeps its certificate and tries again, when a renewal fails', async () => {
  let calls = 0
  const good = issuing({ lifetimeMs: 300 })
  const { identity, lines, counted } = await start(request => {
    calls++
    if (calls === 2) throw new ConnectError('issuer not ready', Code.Unavailable)
    return good(request)
  })
  await identity.ready
  const first = identity.current()
  await vi.waitFor(() => expect(counted.failed).toBe(1), { timeout: 5000, interval: 5 })
  expect(identity.current()).toBe(first)
  await vi.waitFor(() => expect(identity.current()).not.toBe(first), { timeout: 5000, interval: 5 })
  expect(lines.join('')).toMatch(
    /warn No certificate from 127\.0\.0\.1:\d+: .*issuer not ready.*retryInMs=20/,
  )
})

test.each([
  [
    'another name',
    () => issuing({ lifetimeMs: 60_000, dnsName: 'thief.shop' }),
    /expected DNS:web\.shop.*got DNS:thief\.shop/,
  ],
  ['a time gone by', () => issuing({ lifetimeMs: -1000 }), /not valid any more/],
  [
    'no time',
    (): Answer => async request => {
      const { leafCertificate, intermediateCertificates } = await issuing({ lifetimeMs: 60_000 })(request)
      return { leafCertificate, intermediateCertificates }
    },
    /without the time/,
  ],
  [
    'no intermediate',
    (): Answer => async request => ({
      ...(await issuing({ lifetimeMs: 60_000 })(request)),
      intermediateCertificates: [],
    }),
    /does not lead to a trust anchor/,
  ],
  [
    'no certificate',
    (): Answer => async request => ({
      ...(await issuing({ lifetimeMs: 60_000 })(request)),
      leafCertificate: Buffer.from('junk'),
    }),
    /expected DER/,
  ],
])('startIdentity() refuses an answer with %s', async (_, answer, why) => {
  const { identity, lines, counted } = await start(answer())
  await vi.waitFor(() => expect(counted.failed).toBeGreaterThan(0), { timeout: 5000 })
  expect(identity.current()).toBeNull()
  expect(lines.join('')).toMatch(why)
})

test('startIdentity() refuses a certificate of another authority', async () => {
  const other = createTestCa()
  const { identity, lines, counted } = await start(issuing({ lifetimeMs: 60_000 }, other))
  await vi.waitFor(() => expect(counted.failed).toBeGreaterThan(0), { timeout: 5000 })
  expect(identity.current()).toBeNull()
  expect(lines.join('')).toContain('does not lead to a trust anchor')
})

test('startIdentity() refuses a certificate for another key', async () => {
  const { loadCredentials } = await import('./credentials.ts')
  const stranger = await loadCredentials(join(directory, 'stranger'), NAME)
  const { identity, lines, counted } = await start(async request =>
    issuing({ lifetimeMs: 60_000 })({ ...request, certificateSigningRequest: stranger.csr }),
  )
  await vi.waitFor(() => expect(counted.failed).toBeGreaterThan(0), { timeout: 5000 })
  expect(identity.current()).toBeNull()
  expect(lines.join('')).toContain('another key')
})
