import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { appHost } from '#demo/launch/apps.ts'
import { readMesh } from '#demo/launch/read-mesh.ts'
import { SyntheticProxy } from '#demo/synthetic/exposition.ts'
import { syntheticGraph } from '#demo/synthetic/graph.ts'
import type { GoldenAnswer } from '#lib/api/golden.ts'
import type { TopologyAnswer, TopologyEdge } from '#lib/api/topology.ts'
import { canListen } from './support/addresses.ts'
import { movedMesh, type Run, runDemo, temporaryDirectory } from './support/demo.ts'
import { api, get } from './support/requests.ts'
import { until as waitUntil } from './support/until.ts'

// Each wait has room for a busy machine, and a test for several of them.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })
const until = <T>(what: string, ask: Parameters<typeof waitUntil<T>>[1]) => waitUntil(what, ask, 60_000)

const shop = [
  'cart',
  'catalog',
  'checkout',
  'recommendations-v1',
  'recommendations-v2',
  'traffic',
  'users',
  'web',
]
const insecureCaller = 'batch/cronjob/legacy-batch'
const refusedCaller = 'batch/deployment/scraper'
const cache = 'shop/statefulset/cache'
/** Those that have requests to count. */
const meshed = [refusedCaller, 'payments/deployment/payments', ...shop.map(name => `shop/deployment/${name}`)]

/** Every edge of the sample mesh but the insecure and the refused one. */
const secured = [
  'payments/deployment/payments < shop/deployment/checkout',
  'shop/deployment/cart < shop/deployment/checkout',
  'shop/deployment/cart < shop/deployment/web',
  'shop/deployment/catalog < shop/deployment/web',
  'shop/deployment/checkout < shop/deployment/web',
  'shop/deployment/recommendations-v1 < shop/deployment/web',
  'shop/deployment/recommendations-v2 < shop/deployment/web',
  'shop/deployment/users < shop/deployment/web',
  'shop/deployment/web < shop/deployment/traffic',
  'shop/statefulset/cache < shop/deployment/catalog',
]

/** Each series' name with the names of its labels in order; all kinds of workloads are one. */
function shapesOf(exposition: string): ReadonlySet<string> {
  const series = exposition.split('\n').filter(line => line !== '' && !line.startsWith('#'))
  return new Set(
    series.map(line => {
      const labels = [...line.matchAll(/([a-z_]+)="/g)].map(([, name]) => name)
      const names = labels.map(name => (name === 'dst_statefulset' ? 'dst_deployment' : name))
      return `${/^[^{ ]+/.exec(line)?.[0]} ${names.join()}`
    }),
  )
}

/** What a proxy counted of requests that came to its app: how many ended, and how many of them well. */
function inboundOf(exposition: string): { ended: number; succeeded: number } {
  const counts = { ended: 0, succeeded: 0 }
  for (const line of exposition.split('\n')) {
    if (!/^response_total\{.*direction="inbound"/.test(line)) continue
    const count = Number(line.split(' ').at(-1))
    counts.ended += count
    if (line.includes('classification="success"')) counts.succeeded += count
  }
  return counts
}

describe('the demo', () => {
  const directory = temporaryDirectory()
  let run: Run
  let base: string
  let subnet: string

  beforeAll(async () => {
    const moved = await movedMesh(directory.path)
    subnet = moved.subnet
    run = runDemo([
      '--steady',
      '--mesh-file',
      moved.file,
      '--port',
      '0',
      '--data-dir',
      join(directory.path, 'data'),
    ])
    base = await run.address()
  }, 120_000)

  afterAll(async () => {
    run.interrupt()
    await run.ended
    directory.remove()
  })

  test('every meshed workload has moving numbers', async () => {
    const golden = () => api<GoldenAnswer>(base, '/golden?resource=deploy&namespace=_all&window=10s')
    // The traffic generator receives nothing: its row has what it sent.
    const shown = (answer: GoldenAnswer) =>
      answer.rows.filter(row => row.meshed.running > 0).map(row => row.sent ?? row.golden)
    const first = await until('traffic everywhere', async () => {
      const answer = await golden()
      return shown(answer).every(one => one.rps && one.successRate !== null && one.latencyMs.p99) && answer
    })
    const rows = first.rows.filter(row => row.meshed.running > 0)
    expect(rows.map(row => row.id)).toEqual(meshed)
    expect(rows.every(row => row.meshed.running === row.meshed.total)).toBe(true)
    const before = shown(first).map(one => JSON.stringify(one))
    await until('other numbers', async () =>
      shown(await golden()).every((one, i) => JSON.stringify(one) !== before[i]),
    )
  })

  test('the topology is the mesh: its nodes, its edges, one of them insecure and one refused', async () => {
    const ask = () => api<TopologyAnswer>(base, '/topology?groupBy=workload&window=1m')
    const { nodes, edges } = await until('every edge', async () => {
      const answer = await ask()
      return answer.edges.length >= secured.length + 2 && answer
    })
    expect(nodes.map(node => node.id).toSorted()).toEqual([insecureCaller, ...meshed, cache])
    expect(nodes.filter(node => !node.meshed).map(node => node.id)).toEqual([insecureCaller])
    const isPeculiar = (edge: TopologyEdge) => [insecureCaller, refusedCaller].includes(edge.source)
    const usual = edges.filter(edge => !isPeculiar(edge))
    expect(usual.map(edge => `${edge.destination} < ${edge.source}`).toSorted()).toEqual(secured)
    for (const edge of usual) {
      expect(edge).toMatchObject({ secured: true, mtls: 'all', mtlsRatio: 1, reasons: [], denied: 0 })
      if (edge.destination !== cache) expect(edge.golden.requests).toBeGreaterThan(0)
      for (const [id, end] of [
        [edge.clientId, edge.source],
        [edge.serverId, edge.destination],
      ]) {
        const [namespace, , name] = (end ?? '').split('/')
        expect(id).toMatch(new RegExp(`^${name}\\.${namespace}\\.serviceaccount\\.identity\\.`))
      }
    }
    expect(edges.filter(edge => edge.source === insecureCaller)).toMatchObject([
      {
        destination: 'shop/deployment/users',
        secured: false,
        mtls: 'none',
        reasons: ['no_tls_from_remote'],
        denied: 0,
      },
    ])
    const refused = edges.filter(edge => edge.source === refusedCaller)
    expect(refused).toMatchObject([{ destination: 'payments/deployment/payments', mtls: 'all' }])
    expect(refused[0]?.denied).toBeGreaterThan(0)
    expect(edges).toHaveLength(secured.length + 2)
  })

  test('its numbers agree with the traffic generator', async () => {
    const counted = async () => {
      const { body } = await get({ host: appHost(`${subnet}.2`), port: 8080, path: '/counts' })
      return JSON.parse(body) as { ended: number; succeeded: number }
    }
    // What the proxy of web counted stands between what had ended before it was asked and what has ended after.
    const look = async () => {
      const before = await counted()
      const { body } = await get({ host: `${subnet}.3`, port: 4191, path: '/metrics' })
      return { before, proxy: inboundOf(body), after: await counted() }
    }
    const first = await look()
    const start = Math.ceil(Date.now() / 1000) + 1
    const last = await until('300 more requests', async () => {
      const now = await look()
      return now.before.ended - first.after.ended > 300 && now
    })
    // Of those under way the proxy may have ended some that the generator has not.
    const underWay = 64
    const passed = last.proxy.ended - first.proxy.ended
    expect(passed).toBeGreaterThanOrEqual(last.before.ended - first.after.ended - underWay)
    expect(passed).toBeLessThanOrEqual(last.after.ended - first.before.ended + underWay)
    const failed = ({ ended, succeeded }: { ended: number; succeeded: number }) => ended - succeeded
    const failures = failed(last.proxy) - failed(first.proxy)
    expect(failures).toBeGreaterThanOrEqual(failed(last.before) - failed(first.after) - underWay)
    expect(failures).toBeLessThanOrEqual(failed(last.after) - failed(first.before) + underWay)

    const shown = await until('the dashboard to have counted 300', async () => {
      const path = '/golden?resource=deploy/web&namespace=shop&from=deploy/traffic'
      const end = Math.floor(Date.now() / 1000)
      const { rows } = await api<GoldenAnswer>(base, `${path}&start=${start}&end=${end}`)
      const requests = rows[0]?.golden.requests ?? 0
      return requests > 300 && requests
    })
    expect(shown).toBeLessThanOrEqual((await counted()).ended - first.before.ended + underWay)
  })

  test('a pod that comes gets its proxy and app while all runs, and one that leaves loses them', async () => {
    const file = join(directory.path, 'mesh.yaml')
    const before = readFileSync(file, 'utf8')
    const pod = before.split('---\n').find(document => document.includes('name: cart-0'))
    appendFileSync(file, `---\n${pod?.replace('cart-0', 'cart-1').replace(`${subnet}.7`, `${subnet}.40`)}`)
    await until('requests at the new pod', async () => {
      const answer = await api<GoldenAnswer>(base, '/golden?resource=pod/cart-1&namespace=shop&window=10s')
      return (answer.rows[0]?.golden.requests ?? 0) > 0
    })
    expect(await canListen(`${subnet}.40`, 4143)).toBe(false)
    writeFileSync(file, before)
    await until('its proxy to be gone', () => canListen(`${subnet}.40`, 4143))
    await until('its app to be gone', () => canListen(appHost(`${subnet}.40`), 8080))
  })

  test('a synthetic proxy prints what the proxies of the mesh print: names and labels alike', async () => {
    const real = new Set<string>()
    for (const { ip } of (await readMesh(join(directory.path, 'mesh.yaml'))).instances.filter(
      one => one.meshed,
    )) {
      const { body } = await get({ host: ip, port: 4191, path: '/metrics' })
      for (const shape of shapesOf(body)) real.add(shape)
    }
    const { workloads, flows } = syntheticGraph(200, '127.24')
    const shapes = workloads
      .filter(({ isMeshed }) => isMeshed)
      .flatMap(one => [...shapesOf(new SyntheticProxy(one, flows).exposition(0, 600))])
    // Nobody without a certificate is refused in the sample mesh.
    const unseen = shapes.filter(shape => !real.has(shape) && !/deni|deny.*no_tls_reason/.test(shape))
    expect([...new Set(unseen)]).toEqual([])
  })
})
