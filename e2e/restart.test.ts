import { readFileSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GoldenAnswer } from '#lib/api/golden.ts'
import { api, getThrough } from './support/requests.ts'
import { makeTestMesh, type TestMesh } from './support/test-mesh.ts'
import { until } from './support/until.ts'

describe('when a part dies', () => {
  let mesh: TestMesh
  let base: string
  let timer: NodeJS.Timeout
  const seen = { ended: 0, failed: 0 }

  beforeAll(async () => {
    mesh = await makeTestMesh({
      pods: [
        { name: 'client', host: 2 },
        { name: 'server-a', app: 'server', host: 3 },
        { name: 'server-b', app: 'server', host: 4 },
      ],
      services: ['server'],
    })
    for (const pod of ['server-a', 'server-b']) {
      // Slow enough that requests overlap: then both replicas get some.
      await mesh.serve(pod, (_, response) => setTimeout(() => response.end('ok'), 50))
    }
    base = await mesh.mesh.start()
    const client = mesh.instance('client')
    await until('the path to work', async () => (await getThrough(client, 'server', '/')).status === 200)
    timer = setInterval(() => {
      getThrough(client, 'server', '/')
        .then(({ status }) => status !== 200 && seen.failed++)
        .catch(() => seen.failed++)
        .finally(() => seen.ended++)
    }, 50)
  })

  afterAll(async () => {
    clearInterval(timer)
    await mesh.close()
  })

  const golden = (resource: string) =>
    api<GoldenAnswer>(base, `/golden?resource=${resource}&namespace=test&window=10s`)

  const flowing = async () => ((await golden('deploy/server')).rows[0]?.golden.rps ?? 0) > 2

  test('the server is killed and comes back: proxies go on serving, numbers continue', async () => {
    await until('numbers', flowing)
    const before = { ...seen }
    mesh.mesh.server?.kill('SIGKILL')
    await mesh.mesh.server?.ended
    await until('requests without a server', () => seen.ended > before.ended + 50)
    base = await mesh.mesh.startServer()
    await until('numbers again', flowing)
    expect(seen.failed).toBe(0)
  })

  test('the control plane is killed and comes back: proxies go on serving with what they knew', async () => {
    const before = { ...seen }
    mesh.mesh.control?.kill('SIGKILL')
    await mesh.mesh.control?.ended
    await until('requests without a control plane', () => seen.ended > before.ended + 50)
    await mesh.mesh.startControl()
    await until('requests with it again', () => seen.ended > before.ended + 150)
    expect(seen.failed).toBe(0)
  })

  test('a broken edit of the mesh file is told with every answer until it is mended, and changes nothing', async () => {
    const good = readFileSync(mesh.meshFile, 'utf8')
    writeFileSync(mesh.meshFile, good.replace('"selector"', '"selecter"'))
    const told = await until('the refusal', async () => (await golden('deploy/server')).coverage.refused)
    expect(told).toMatch(/mesh\.yaml:\d+:\d+: Service test\/server: spec\.selecter/)
    const before = seen.ended
    await until('requests as before', () => seen.ended > before + 20)
    writeFileSync(mesh.meshFile, good)
    await until('it to be mended', async () => (await golden('deploy/server')).coverage.refused === undefined)
    expect(seen.failed).toBe(0)
  })

  test('a proxy is killed: what was scraped stays, and coverage names it and since when', async () => {
    await until(
      'numbers of server-b',
      async () => ((await golden('pod/server-b')).rows[0]?.golden.requests ?? 0) > 20,
    )
    const start = Math.floor(Date.now() / 1000) - 10
    const counted = async () => {
      const range = `start=${start}&end=${start + 10}`
      const { rows } = await api<GoldenAnswer>(base, `/golden?resource=pod/server-b&namespace=test&${range}`)
      return rows[0]?.golden.requests ?? 0
    }
    const before = await counted()
    mesh.mesh.proxies.get('test/server-b')?.kill('SIGKILL')
    const answer = await until('it to be missed', async () => {
      const now = await golden('deploy/server')
      return now.coverage.missing.length > 0 && now
    })
    expect(answer.coverage).toMatchObject({ expected: 2, missing: [{ namespace: 'test', pod: 'server-b' }] })
    expect(Date.parse(answer.coverage.missing[0]?.since ?? '')).toBeGreaterThan(start * 1000 - 10_000)
    expect(answer.coverage.missing[0]?.reason).not.toBe('')
    expect(before).toBeGreaterThan(0)
    expect(await counted()).toBeGreaterThanOrEqual(before)
  })
})
