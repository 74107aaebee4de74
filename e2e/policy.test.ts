import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { EdgesAnswer } from '#lib/api/edges.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { meshYaml } from './support/mesh-yaml.ts'
import { api, get, getThrough } from './support/requests.ts'
import { makeTestMesh, type TestMesh } from './support/test-mesh.ts'
import { until } from './support/until.ts'

const pods = [
  { name: 'friend', host: 2 },
  { name: 'stranger', host: 3 },
  { name: 'api', host: 4 },
]
const server = `
apiVersion: policy.linkerd.io/v1beta3
kind: Server
metadata: { name: api-http, namespace: test }
spec: { podSelector: { matchLabels: { app: api } }, port: 8080, proxyProtocol: HTTP/1 }
`
const authorization = (account: string) => `
apiVersion: policy.linkerd.io/v1alpha1
kind: AuthorizationPolicy
metadata: { name: api-clients, namespace: test }
spec:
  targetRef: { group: policy.linkerd.io, kind: Server, name: api-http }
  requiredAuthenticationRefs: [{ kind: ServiceAccount, name: ${account} }]
`

describe('policy of a mesh file', () => {
  let mesh: TestMesh
  let base: string
  let friend: Instance
  let stranger: Instance
  let api1: Instance

  beforeAll(async () => {
    mesh = await makeTestMesh({ pods, services: ['api'], more: `${server}---${authorization('friend')}` })
    friend = mesh.instance('friend')
    stranger = mesh.instance('stranger')
    api1 = mesh.instance('api')
    await mesh.serve('api', (_, response) => response.end('served'))
    base = await mesh.mesh.start()
    await until('the path to api', async () => (await getThrough(friend, 'api', '/')).status === 200)
  })

  afterAll(() => mesh.close())

  const metricsOf = async ({ ip, proxyPorts }: Instance) =>
    (await get({ host: ip, port: proxyPorts.admin, path: '/metrics' })).body

  test('lets in the identity it names, and answers 403 to another one of the mesh', async () => {
    expect(await getThrough(friend, 'api', '/')).toMatchObject({ status: 200, body: 'served' })
    const refused = await getThrough(stranger, 'api', '/')
    expect(refused.status).toBe(403)
    expect(refused.body).not.toContain('served')
    const metrics = await metricsOf(api1)
    const of = 'srv_group="policy.linkerd.io",srv_kind="server",srv_name="api-http"'
    expect(metrics).toMatch(
      new RegExp(
        `^inbound_http_authz_allow_total\\{.*${of}.*authz_kind="authorizationpolicy",authz_name="api-clients",tls="true",client_id="${friend.identity}"`,
        'm',
      ),
    )
    expect(metrics).toMatch(
      new RegExp(
        `^inbound_http_authz_deny_total\\{.*${of}.*tls="true",client_id="${stranger.identity}"\\} 1$`,
        'm',
      ),
    )
  })

  test('shows the refused caller as an edge that is denied, though all of it is mTLS', async () => {
    const { allowed, denied } = await until('both edges', async () => {
      await getThrough(friend, 'api', '/')
      await getThrough(stranger, 'api', '/')
      const { rows } = await api<EdgesAnswer>(base, '/edges?resource=deploy&namespace=test&window=10s')
      const edge = (from: string) =>
        rows.find(({ id }) => id === `test/deployment/${from}>test/deployment/api`)
      const [one, other] = [edge('friend'), edge('stranger')]
      return one?.golden.requests && other?.denied && { allowed: one, denied: other }
    })
    expect(allowed).toMatchObject({ mtls: 'all', secured: true, denied: 0 })
    expect(denied).toMatchObject({ mtls: 'all', secured: true, clientId: stranger.identity })
    expect(denied.denied).toBeGreaterThan(0)
  })

  test('follows an edit of the file, and of nothing else', async () => {
    const subnet = api1.ip.split('.').slice(0, 3).join('.')
    const write = (more: string) =>
      writeFileSync(mesh.meshFile, meshYaml({ subnet, pods, services: ['api'], more }))
    const status = async (from: Instance) => (await getThrough(from, 'api', '/')).status
    write(`${server}---${authorization('stranger')}`)
    await until('the stranger to be let in', async () => (await status(stranger)) === 200)
    expect(await status(friend)).toBe(403)
    write('')
    await until('all to be let in', async () => (await status(friend)) === 200)
    expect(await status(stranger)).toBe(200)
    write(server)
    await until('nobody to be let in', async () => (await status(friend)) === 403)
    expect(await status(stranger)).toBe(403)
  })
})
