import { afterAll, beforeAll, expect, test } from 'vitest'
import { get, getThrough } from './support/requests.ts'
import { makeTestMesh, type TestMesh } from './support/test-mesh.ts'
import { until } from './support/until.ts'

let mesh: TestMesh

beforeAll(async () => {
  mesh = await makeTestMesh(
    {
      pods: [
        { name: 'client', host: 2 },
        { name: 'server', host: 3 },
      ],
      services: ['server'],
    },
    { controlArgs: ['--h2-upgrade', 'on'] },
  )
  await mesh.serve('server', (request, response) => response.end(`${request.httpVersion} ${request.url}`))
  await mesh.mesh.startControl()
  await mesh.mesh.startProxies()
})

afterAll(() => mesh.close())

test('--h2-upgrade on has proxies carry HTTP/1 in HTTP/2, which neither app sees, and counts it once', async () => {
  const client = mesh.instance('client')
  const server = mesh.instance('server')
  await until('the path', async () => (await getThrough(client, 'server', '/')).status === 200)
  const metrics = async () =>
    (await get({ host: server.ip, port: server.proxyPorts.admin, path: '/metrics' })).body
  const counted = async () =>
    Number(
      /^response_total\{direction="inbound".*status_code="200".*\} (\d+)$/m.exec(await metrics())?.[1] ?? 0,
    )
  const before = await counted()
  const answers = await Promise.all(
    Array.from({ length: 100 }, (_, i) => getThrough(client, 'server', `/${i}`)),
  )
  expect(answers.map(({ body }) => body)).toEqual(Array.from({ length: 100 }, (_, i) => `1.1 /${i}`))
  await until('the counts', async () => (await counted()) === before + 100)
  const sessions = await metrics()
  expect(sessions).toMatch(/transport_header_connections_total\{session_protocol="http\/2".*\} 1$/m)
  expect(sessions).not.toMatch(/transport_header_connections_total\{session_protocol="http\/1"/)
})
