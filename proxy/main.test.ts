import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, request as httpRequest, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { timestampFromMs } from '@bufbuild/protobuf/wkt'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Destination } from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import { Identity } from '#lib/mesh-api/gen/io/linkerd/proxy/identity_pb.ts'
import { InboundServerPolicies } from '#lib/mesh-api/gen/io/linkerd/proxy/inbound_pb.ts'
import { startTestServer, type TestServer } from './control/test-server.ts'
import { createTestCa } from './identity/test-ca.ts'

const NAME = 'web.shop.serviceaccount.identity.linkerd.cluster.local'
const ca = createTestCa()

let directory = ''
let plane: TestServer
let app: Server
const children: ChildProcess[] = []

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'proxy-'))
  await writeFile(join(directory, 'token'), 'token')
  app = createServer((_, response) => response.end('hello'))
  await new Promise<void>(resolve => app.listen(0, '127.0.0.1', resolve))
  plane = await startPlane()
})
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await plane.close()
  await new Promise(resolve => app.close(resolve))
  await rm(directory, { recursive: true })
})

function startPlane(port?: number): Promise<TestServer> {
  return startTestServer(router => {
    router.service(Identity, {
      certify({ certificateSigningRequest }) {
        const issued = ca.issue(certificateSigningRequest, { dnsName: NAME, lifetimeMs: 60_000 })
        return {
          leafCertificate: issued.leaf,
          intermediateCertificates: [issued.intermediate],
          validUntil: timestampFromMs(issued.validUntilMs),
        }
      },
    })
    router.service(Destination, {})
    router.service(InboundServerPolicies, {})
  }, port)
}

interface Started {
  readonly child: ChildProcess
  readonly output: { stdout: string; stderr: string }
  readonly exit: Promise<number | null>
}

function startProxy(environment: Record<string, string>): Started {
  const child = spawn(process.execPath, ['dist/proxy.js'], {
    env: { NODE_ENV: 'production', PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  children.push(child)
  const output = { stdout: '', stderr: '' }
  child.stdout?.on('data', chunk => {
    output.stdout += chunk
  })
  child.stderr?.on('data', chunk => {
    output.stderr += chunk
  })
  return { child, output, exit: new Promise(resolve => child.once('close', resolve)) }
}

function environment(extra: Record<string, string> = {}): Record<string, string> {
  const control = `127.0.0.1:${plane.address.port}`
  const bound = app.address()
  const appPort = typeof bound === 'object' && bound !== null ? bound.port : 0
  return {
    LINKERD2_PROXY_INBOUND_LISTEN_ADDR: '127.0.0.1:0',
    LINKERD2_PROXY_OUTBOUND_LISTEN_ADDR: '127.0.0.1:0',
    LINKERD2_PROXY_ADMIN_LISTEN_ADDR: '127.0.0.1:0',
    LINKERD2_PROXY_DESTINATION_SVC_ADDR: control,
    LINKERD2_PROXY_DESTINATION_CONTEXT: '{"ns":"shop","pod":"web-1"}',
    LINKERD2_PROXY_POLICY_SVC_ADDR: control,
    LINKERD2_PROXY_POLICY_WORKLOAD: '{"ns":"shop","pod":"web-1"}',
    LINKERD2_PROXY_IDENTITY_SVC_ADDR: control,
    LINKERD2_PROXY_IDENTITY_DIR: join(directory, 'identity'),
    LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS: ca.trustAnchorsPem,
    LINKERD2_PROXY_IDENTITY_TOKEN_FILE: join(directory, 'token'),
    LINKERD2_PROXY_IDENTITY_LOCAL_NAME: NAME,
    MESHSCOPE_PROXY_APP_PORTS: String(appPort),
    ...extra,
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const bound = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof bound === 'object' && bound !== null ? bound.port : 0
}

async function ready({ output, child }: Started): Promise<Record<string, string>> {
  await vi.waitFor(
    () => {
      if (child.exitCode !== null) throw new Error(`proxy ended: ${output.stderr}`)
      expect(output.stdout).toMatch(/^proxy ready .*\n/)
    },
    { timeout: 20_000 },
  )
  const pairs = output.stdout.trim().split(' ').slice(2)
  return Object.fromEntries(pairs.map(pair => pair.split('=')))
}

async function get(
  url: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number; body: Buffer; headers: Record<string, unknown> }> {
  const sent = httpRequest(url, { method, headers, agent: false }).end()
  const [response] = await once(sent, 'response')
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  return { status: response.statusCode, body: Buffer.concat(chunks), headers: response.headers }
}

test('a proxy serves once certified, counts, and ends after its last counts were read', async () => {
  const proxy = startProxy(
    environment({
      LINKERD2_PROXY_TAP_SVC_NAME: 'tap.linkerd-viz',
      LINKERD2_PROXY_CONTROL_LISTEN_ADDR: '127.0.0.1:0',
    }),
  )
  const { identity, inbound, outbound, admin, tap } = await ready(proxy)
  expect(tap).toMatch(/^127\.0\.0\.1:\d+$/)
  expect(identity).toBe(NAME)
  expect(outbound).toMatch(/^127\.0\.0\.1:\d+$/)
  expect((await get(`http://${admin}/ready`)).body.toString()).toBe('ready\n')
  expect((await get(`http://${inbound}/`)).body.toString()).toBe('hello')
  const text = (await get(`http://${admin}/metrics`)).body.toString()
  expect(text).toMatch(/^request_total\{direction="inbound",.*\} 1$/m)
  expect(text).toMatch(/^control_identity_cert_refreshes_total\{result="ok"\} 1$/m)

  proxy.child.kill('SIGTERM')
  await vi.waitFor(async () => expect((await get(`http://${admin}/ready`)).status).toBe(503), 5000)
  await expect(get(`http://${inbound}/`)).rejects.toThrow(/ECONNREFUSED/)
  expect((await get(`http://${admin}/metrics`)).body.toString()).toMatch(/^request_total\{.*\} 1$/m)
  expect(await proxy.exit).toBe(0)
})

test('a proxy that finds no control plane is not ready and says why, and serves once there is one', async () => {
  const { port } = plane.address
  const admin = `127.0.0.1:${await freePort()}`
  await plane.close()
  const proxy = startProxy(environment({ LINKERD2_PROXY_ADMIN_LISTEN_ADDR: admin }))
  const notReady = async () => {
    const { body, status } = await get(`http://${admin}/ready`)
    expect(status).toBe(503)
    expect(body.toString()).toMatch(
      new RegExp(
        `^not ready: no certificate yet for ${NAME}\\nNo certificate from .*ECONNREFUSED.*\\nattempts=\\d+ since=.*Z last=.*Z next=.*Z\\n$`,
      ),
    )
    expect(proxy.output.stderr).toMatch(/ECONNREFUSED/)
  }
  await vi.waitFor(notReady, 20_000)
  expect((await get(`http://${admin}/live`)).status).toBe(200)
  plane = await startPlane(port)
  const { inbound } = await ready(proxy)
  expect((await get(`http://${admin}/ready`)).status).toBe(200)
  expect((await get(`http://${inbound}/`)).body.toString()).toBe('hello')
})

test('a second signal ends a draining proxy at once', async () => {
  const proxy = startProxy(environment())
  const { admin } = await ready(proxy)
  proxy.child.kill('SIGINT')
  await vi.waitFor(async () => expect((await get(`http://${admin}/ready`)).status).toBe(503), 5000)
  proxy.child.kill('SIGINT')
  expect(await proxy.exit).toBe(1)
})

test('the admin port answers its endpoints as linkerd2-proxy does', async () => {
  const proxy = startProxy(
    environment({ LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED: 'true', SECRET: 'hidden' }),
  )
  const { admin } = await ready(proxy)
  const at = (path: string): string => `http://${admin}${path}`
  expect((await get(at('/live'))).body.toString()).toBe('live\n')
  expect((await get(at('/nothing'))).status).toBe(404)
  expect((await get(at('/live'), { method: 'POST' })).status).toBe(405)
  expect((await get(at('/shutdown'))).status).toBe(405)
  const packed = await get(at('/metrics'), { headers: { 'accept-encoding': 'gzip' } })
  expect(packed.headers['content-encoding']).toBe('gzip')
  expect(gunzipSync(packed.body).toString()).toMatch(/# EOF\n$/)
  const shown = JSON.parse((await get(at('/env.json'))).body.toString()) as Record<string, string>
  expect(shown.LINKERD2_PROXY_IDENTITY_LOCAL_NAME).toBe(NAME)
  expect(shown).not.toHaveProperty('SECRET')
  const some = await get(at('/env.json?LINKERD2_PROXY_IDENTITY_LOCAL_NAME&OTHER'))
  expect(JSON.parse(some.body.toString())).toEqual({ LINKERD2_PROXY_IDENTITY_LOCAL_NAME: NAME, OTHER: null })
  expect((await get(at('/env.json'), { headers: { accept: 'text/html' } })).status).toBe(406)
  expect((await get(at('/shutdown'), { method: 'POST' })).status).toBe(200)
  await vi.waitFor(async () => expect((await get(at('/ready'))).status).toBe(503), 5000)
  await get(at('/metrics'))
  expect(await proxy.exit).toBe(0)
})

test('a bad configuration ends the proxy with all its problems and code 64', async () => {
  const proxy = startProxy(
    environment({ LINKERD2_PROXY_SHUTDOWN_GRACE_PERIOD: 'soon', MESHSCOPE_PROXY_MODE: 'redirect' }),
  )
  expect(await proxy.exit).toBe(64)
  expect(proxy.output.stderr).toContain('SHUTDOWN_GRACE_PERIOD: expected a duration like')
  expect(proxy.output.stderr).toContain('redirect is not supported')
})

test('a port that is taken ends the proxy with code 1 and the address', async () => {
  const proxy = startProxy(
    environment({ LINKERD2_PROXY_ADMIN_LISTEN_ADDR: `127.0.0.1:${plane.address.port}` }),
  )
  expect(await proxy.exit).toBe(1)
  expect(proxy.output.stderr).toContain(`EADDRINUSE: address already in use 127.0.0.1:${plane.address.port}`)
})
