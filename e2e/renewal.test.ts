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
    { controlArgs: ['--issuance-lifetime', '20s', '--clock-skew-allowance', '0s'] },
  )
  await mesh.serve('server', (_, response) => response.end('ok'))
  await mesh.mesh.startControl()
  await mesh.mesh.startProxies()
})

afterAll(() => mesh.close())

test('load runs over three renewals of 20 s certificates without a failed request', {
  timeout: 90_000,
}, async () => {
  const client = mesh.instance('client')
  const server = mesh.instance('server')
  const renewals = async (pod: typeof client) => {
    const { body } = await get({ host: pod.ip, port: pod.proxyPorts.admin, path: '/metrics' })
    return Number(/^control_identity_cert_refreshes_total\{result="ok"\} (\d+)/m.exec(body)?.[1] ?? 0)
  }
  const first = await Promise.all([renewals(client), renewals(server)])
  let failed = 0
  let ended = 0
  let sent = 0
  const timer = setInterval(() => {
    sent++
    getThrough(client, 'server', '/')
      .then(({ status }) => status !== 200 && failed++)
      .catch(() => failed++)
      .finally(() => ended++)
  }, 10)
  const renewed = until(
    'three renewals on both sides',
    async () => {
      const now = await Promise.all([renewals(client), renewals(server)])
      return now.every((count, side) => count >= (first[side] ?? 0) + 3)
    },
    70_000,
  )
  await renewed.finally(() => clearInterval(timer))
  await until('the last requests to end', () => ended === sent)
  expect(failed).toBe(0)
  expect(ended).toBeGreaterThan(200)
})
