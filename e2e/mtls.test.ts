import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EdgesAnswer } from '#lib/api/edges.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { capture, captureProblem, serverHelloVersions } from './support/capture.ts'
import { foreignCertificate } from './support/certificates.ts'
import { askOverTls } from './support/raw-tls.ts'
import { api, get, getThrough } from './support/requests.ts'
import { makeTestMesh, type TestMesh } from './support/test-mesh.ts'
import { until } from './support/until.ts'

const request = 'GET /who HTTP/1.1\r\nhost: open\r\nl5d-client-id: admin.test.serviceaccount.identity\r\n\r\n'

describe('mTLS between proxies', () => {
  let mesh: TestMesh
  let base: string
  let client: Instance
  let open: Instance
  let strict: Instance
  /** Nobody's proxy is at its address. */
  let outsider: Instance

  beforeAll(async () => {
    mesh = await makeTestMesh({
      pods: [
        { name: 'client', host: 2 },
        { name: 'open', host: 3 },
        {
          name: 'strict',
          host: 4,
          annotations: { 'config.linkerd.io/default-inbound-policy': 'all-authenticated' },
        },
        { name: 'imposter', host: 5 },
        { name: 'outsider', host: 6, meshed: false, namespace: 'batch' },
      ],
      services: ['open', 'strict', 'imposter'],
    })
    client = mesh.instance('client')
    open = mesh.instance('open')
    strict = mesh.instance('strict')
    outsider = mesh.instance('outsider')
    for (const pod of ['open', 'strict', 'imposter']) {
      await mesh.serve(pod, (incoming, response) =>
        response.end(
          `client-id=${String(incoming.headers['l5d-client-id'] ?? 'none')} marker=${String(incoming.headers['x-marker'])}`,
        ),
      )
    }
    base = await mesh.mesh.start()
    await until('the path to open', async () => (await getThrough(client, 'open', '/who')).status === 200)
    await until('the path to strict', async () => (await getThrough(client, 'strict', '/who')).status === 200)
  })

  afterAll(() => mesh.close())

  const metricsOf = async (instance: Instance) =>
    (await get({ host: instance.ip, port: instance.proxyPorts.admin, path: '/metrics' })).body

  const problem = captureProblem()
  test.skipIf(problem !== '')(
    `packets between two proxies are TLS 1.3 and hide the request${problem}`,
    async () => {
      const marker = 'a-marker-nobody-else-sends-7319'
      const file = join(mesh.mesh.plan.dataDirectory, 'packets.pcap')
      // New connections, so that their handshakes are in the capture.
      await mesh.mesh.proxies.get('test/client')?.stop()
      const packets = await capture(`tcp and host ${client.ip} and host ${open.ip}`, file)
      await mesh.mesh.startProxy(client)
      await until('the path to open', async () => (await getThrough(client, 'open', '/who')).status === 200)
      const answer = await getThrough(client, 'open', '/who', { 'x-marker': marker })
      const bytes = await packets.stop()
      expect(answer.body).toContain(marker)
      expect(bytes.length).toBeGreaterThan(2_000)
      expect(bytes.includes(marker)).toBe(false)
      expect(bytes.includes('GET /who')).toBe(false)
      expect(bytes.includes('x-marker')).toBe(false)
      const versions = serverHelloVersions(bytes)
      expect(versions.length).toBeGreaterThan(0)
      expect(new Set(versions)).toEqual(new Set([0x0304]))
    },
  )

  test('the app is told the identity of a meshed client, and never one the client made up', async () => {
    const answer = await getThrough(client, 'open', '/who', { 'l5d-client-id': 'admin.test' })
    expect(answer.body).toContain(`client-id=${client.identity}`)
  })

  test('a client with the certificate of another authority fails the handshake', async () => {
    const foreign = await foreignCertificate(client.identity ?? '')
    const { text, error } = await askOverTls(
      {
        host: open.ip,
        port: open.proxyPorts.inbound,
        localAddress: outsider.ip,
        servername: open.identity ?? '',
        ...foreign,
      },
      request,
    )
    expect(text).toBe('')
    expect(error).not.toBeNull()
    expect(error).not.toBe('timeout')
  })

  test('a client without a certificate is let in by the default policy, with an empty client_id', async () => {
    const { text } = await askOverTls(
      {
        host: open.ip,
        port: open.proxyPorts.inbound,
        localAddress: outsider.ip,
        servername: open.identity ?? '',
      },
      request,
    )
    expect(text).toMatch(/^HTTP\/1\.1 200 /)
    expect(text).toContain('client-id=none')
    expect(await metricsOf(open)).toMatch(
      /^response_total\{direction="inbound",[^}]*tls="true",client_id="",/m,
    )
  })

  test('a client without a certificate is 403 under all-authenticated', async () => {
    const { text } = await askOverTls(
      {
        host: strict.ip,
        port: strict.proxyPorts.inbound,
        localAddress: outsider.ip,
        servername: strict.identity ?? '',
      },
      request,
    )
    expect(text).toMatch(/^HTTP\/1\.1 403 /)
    expect(text).not.toContain('client-id=')
  })

  test('a plaintext client is let in without an id by the default policy, and 403 under all-authenticated', async () => {
    const headers = { host: 'x', 'l5d-client-id': 'admin.test' }
    const localAddress = outsider.ip
    const allowed = await get({
      host: open.ip,
      port: open.proxyPorts.inbound,
      path: '/who',
      headers,
      localAddress,
    })
    expect(allowed).toMatchObject({ status: 200 })
    expect(allowed.body).toContain('client-id=none')
    const denied = await get({
      host: strict.ip,
      port: strict.proxyPorts.inbound,
      path: '/who',
      headers,
      localAddress,
    })
    expect(denied).toMatchObject({ status: 403 })
  })

  test('all-authenticated refuses other processes of the machine, and lets in the instance itself', async () => {
    const ask = (localAddress?: string) =>
      get({
        host: strict.ip,
        port: strict.proxyPorts.inbound,
        path: '/who',
        headers: { host: 'x' },
        ...(localAddress === undefined ? {} : { localAddress }),
      })
    // Whoever names no address comes from 127.0.0.1.
    expect(await ask()).toMatchObject({ status: 403 })
    expect(await ask(strict.ip)).toMatchObject({ status: 200 })
  })

  test('a server whose SAN is not the one discovery named is refused', async () => {
    const imposter = mesh.instance('imposter')
    await mesh.mesh.proxies.get('test/imposter')?.stop()
    await mesh.mesh.startProxy(imposter, {
      LINKERD2_PROXY_IDENTITY_LOCAL_NAME: open.identity ?? '',
      LINKERD2_PROXY_IDENTITY_TOKEN_FILE: join(mesh.mesh.plan.dataDirectory, 'tokens', 'test', 'open.jwt'),
      LINKERD2_PROXY_IDENTITY_DIR: join(mesh.mesh.plan.dataDirectory, 'proxies', 'test', 'open'),
    })
    const answer = await getThrough(client, 'imposter', '/who')
    expect(answer.status).toBe(502)
    expect(answer.body).not.toContain('client-id=')
  })

  test('/edges tells secured edges from the one of the outsider, with its name and its reason', async () => {
    const edges = await until('both edges', async () => {
      await getThrough(client, 'open', '/who')
      await get({
        host: open.ip,
        port: open.proxyPorts.inbound,
        path: '/who',
        headers: { host: 'x' },
        localAddress: outsider.ip,
      })
      const { rows } = await api<EdgesAnswer>(base, '/edges?resource=deploy&namespace=_all&window=10s')
      const meshed = rows.find(edge => edge.id === 'test/deployment/client>test/deployment/open')
      const insecure = rows.find(edge => edge.id === 'batch/deployment/outsider>test/deployment/open')
      return meshed && insecure?.reasons.includes('no_tls_from_remote') && { meshed, insecure }
    })
    expect(edges.meshed).toMatchObject({
      mtls: 'all',
      secured: true,
      clientId: client.identity,
      serverId: open.identity,
      reasons: [],
    })
    expect(edges.insecure).toMatchObject({
      mtls: 'none',
      secured: false,
      clientId: '',
      reasons: expect.arrayContaining(['no_tls_from_remote']),
    })
  })

  test('keys and tokens on disk are for their owner only', async () => {
    const { statSync } = await import('node:fs')
    const directory = mesh.mesh.plan.dataDirectory
    for (const file of ['proxies/test/open/key.p8', 'tokens/test/open.jwt']) {
      expect(statSync(join(directory, file)).mode & 0o777).toBe(0o600)
    }
    expect(readFileSync(join(directory, 'identity/trust-anchors.pem'), 'utf8')).toContain('BEGIN CERTIFICATE')
  })
})
