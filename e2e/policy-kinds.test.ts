import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { appHost } from '#demo/launch/apps.ts'
import type { PoliciesAnswer, PolicyRow } from '#lib/api/policies.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { meshYaml } from './support/mesh-yaml.ts'
import { api, get } from './support/requests.ts'
import { makeTestMesh, type TestMesh } from './support/test-mesh.ts'
import { until } from './support/until.ts'

const run = promisify(execFile)
const pods = [
  { name: 'friend', host: 2 },
  { name: 'stranger', host: 3 },
  { name: 'api', host: 4 },
  { name: 'echo', host: 5 },
]
const VERSIONS: Readonly<Record<string, string>> = { Server: 'v1beta3', HTTPRoute: 'v1beta3' }
const object = (kind: string, name: string, spec: string) => `
apiVersion: policy.linkerd.io/${VERSIONS[kind] ?? 'v1alpha1'}
kind: ${kind}
metadata: { name: ${name}, namespace: test }
spec: ${spec}
`
const target = (kind: string, name: string) => `{ group: policy.linkerd.io, kind: ${kind}, name: ${name} }`
const allow = (name: string, of: string, ...refs: string[]) =>
  object(
    'AuthorizationPolicy',
    name,
    `{ targetRef: ${of}, requiredAuthenticationRefs: [${refs.join(', ')}] }`,
  )
const account = (name: string) => `{ kind: ServiceAccount, name: ${name} }`
const network = (cidr: string) => [
  object('NetworkAuthentication', 'office', `{ networks: [{ cidr: ${cidr} }] }`),
  target('NetworkAuthentication', 'office'),
]
const server = (name: string, app: string, protocol: string) =>
  object(
    'Server',
    name,
    `{ podSelector: { matchLabels: { app: ${app} } }, port: 8080, proxyProtocol: ${protocol} }`,
  )
const route = (name: string, rules: string) =>
  object('HTTPRoute', name, `{ parentRefs: [${target('Server', 'api-http')}], rules: [${rules}] }`)
const routes = [
  server('api-http', 'api', 'HTTP/1'),
  route(
    'reads',
    `{ matches: [{ path: { value: /read }, method: GET }], filters: [{ type: RequestHeaderModifier,
      requestHeaderModifier: { set: [{ name: x-route, value: reads }], remove: [x-secret] } }] }`,
  ),
  route('writes', '{ matches: [{ path: { type: Exact, value: /write } }] }'),
  allow('readers', target('HTTPRoute', 'reads'), account('friend'), network('0.0.0.0/0')[1] ?? ''),
  allow('writers', target('HTTPRoute', 'writes'), account('stranger')),
  network('0.0.0.0/0')[0] ?? '',
]

describe('kinds of policy in a mesh file', () => {
  let mesh: TestMesh
  let base: string
  let echo: Server
  let friend: Instance
  let stranger: Instance
  const write = (...documents: string[]) => {
    const subnet = friend.ip.split('.').slice(0, 3).join('.')
    writeFileSync(mesh.meshFile, meshYaml({ subnet, pods, more: documents.join('---') }))
  }
  /** What curl is told when it asks `api` through the proxy of `from`: the status, and the body. */
  const curl = async (from: Instance, path: string, ...more: string[]) => {
    const url = `http://${from.ip}:${from.proxyPorts.outbound}${path}`
    const { stdout } = await run('curl', ['-s', '-w', ' %{http_code}', '-H', 'Host: api', ...more, url])
    return stdout.trim()
  }
  const policies = async (): Promise<readonly PolicyRow[]> =>
    (await api<PoliciesAnswer>(base, '/policies?namespace=test&window=10s')).rows

  beforeAll(async () => {
    mesh = await makeTestMesh({ pods, more: routes.join('---') })
    friend = mesh.instance('friend')
    stranger = mesh.instance('stranger')
    await mesh.serve('api', ({ headers, url }, response) => {
      response.end(`${url} ${String(headers['x-route'])} ${String(headers['x-secret'])}`)
    })
    echo = createServer(socket => {
      socket.on('error', () => {})
      socket.pipe(socket)
    })
    await new Promise<void>(done => {
      echo.listen(8080, appHost(mesh.instance('echo').ip), done)
    })
    base = await mesh.mesh.start()
    await until('the path to api', async () => (await curl(friend, '/read/1')).endsWith('200'))
  })
  afterAll(async () => {
    echo.close()
    await mesh.close()
  })

  test('HTTPRoute: who may use each, what becomes of headers, and 404 for the rest', async () => {
    expect(await curl(friend, '/read/1', '-H', 'X-Secret: 1', '-H', 'X-Route: mine')).toBe(
      '/read/1 reads undefined 200',
    )
    expect(await curl(stranger, '/read/1')).toBe('403')
    expect(await curl(stranger, '/write', '-d', 'body')).toBe('/write undefined undefined 200')
    expect(await curl(friend, '/write')).toBe('403')
    expect(await curl(friend, '/read/1', '-X', 'DELETE')).toBe('404')
    expect(await curl(friend, '/other')).toBe('404')
    const row = await until('all of it in the API', async () => {
      await curl(stranger, '/read/1')
      await curl(friend, '/read/1')
      await curl(friend, '/other')
      const found = (await policies()).find(({ id }) => id === 'test/server/api-http:8080')
      const readers = found?.waysIn.find(({ authorization }) => authorization.name === 'readers')
      return found?.denied.count && found.unrouted.count && readers?.golden.requests ? found : null
    })
    expect(row.routes).toEqual(['reads', 'writes'])
    expect(row.refused).toEqual(
      expect.arrayContaining([
        expect.objectContaining({
          source: { namespace: 'test', kind: 'deployment', name: 'stranger' },
          client: stranger.identity,
          tls: 'true',
          route: { kind: 'httproute', name: 'reads' },
          denied: expect.any(Number),
        }),
      ]),
    )
  })

  test('HTTPLocalRateLimitPolicy: 429 for what is over it, once the file says so', async () => {
    const limit = `{ targetRef: ${target('Server', 'api-http')}, identity: { requestsPerSecond: 5 },
      overrides: [{ requestsPerSecond: 1, clientRefs: [${account('friend')}] }] }`
    write(...routes, object('HTTPLocalRateLimitPolicy', 'calm', limit))
    /** The statuses of 20 requests that one curl sends over one connection. */
    const burst = async (from: Instance, path: string) => {
      const told = await curl(from, `${path}?[1-20]`, '-o', '/dev/null', '-w', '%{http_code}\\n')
      return told.split('\n')
    }
    await until('a limited request', async () => (await burst(friend, '/read')).includes('429'))
    await until('both answers of the limit for each identity', async () => {
      const statuses = new Set(await burst(stranger, '/write'))
      return statuses.has('200') && statuses.has('429')
    })
    const row = await until('it in the API', async () => {
      await burst(friend, '/read')
      return (await policies()).find(({ limited }) => limited.count)
    })
    expect(row).toMatchObject({
      server: { name: 'api-http' },
      rateLimit: { name: 'calm', totalPerSecond: null, identityPerSecond: 5, overrides: 1 },
    })
    expect(row.refused[0]).toMatchObject({ source: { name: 'friend' } })
  })

  test('an edit closes opaque connections that it forbids, and NetworkAuthentication is by address', async () => {
    const { ip, proxyPorts } = mesh.instance('echo')
    const open = (localAddress: string) => connect({ host: ip, port: proxyPorts.inbound, localAddress })
    const opaque = server('echo-tcp', 'echo', 'opaque')
    const [office, of] = network(`${friend.ip}/32`)
    const documents = [opaque, office ?? '', allow('office', target('Server', 'echo-tcp'), of ?? '')]
    write(...documents)
    const echoed = async (from: Instance): Promise<Socket | null> => {
      const socket = open(from.ip)
      const answer = new Promise<boolean>(done => {
        socket.on('data', () => done(true))
        socket.on('close', () => done(false))
        socket.on('error', () => done(false))
      })
      // No first byte of HTTP, for which a port that is not opaque yet would wait.
      socket.write('\x01hello')
      if (await answer) return socket
      socket.destroy()
      return null
    }
    await until('the stranger to be refused', async () => {
      const socket = await echoed(stranger)
      socket?.destroy()
      return socket === null
    })
    const socket = await until('the friend to be let in', () => echoed(friend))
    expect(await echoed(stranger)).toBeNull()
    const closed = new Promise<void>(done => {
      socket.on('close', () => done())
    })
    write(opaque)
    await closed
    const metrics = await get({ host: ip, port: proxyPorts.admin, path: '/metrics' })
    expect(metrics.body).toMatch(/^inbound_tcp_authz_terminate_total\{.*srv_name="echo-tcp".*\} \d+$/m)
    expect(metrics.body).toMatch(/^inbound_tcp_authz_deny_total\{.*srv_name="echo-tcp".*\} \d+$/m)
  })
})
