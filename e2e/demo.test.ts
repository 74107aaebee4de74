import { appendFileSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { appHost } from '#demo/launch/apps.ts'
import { readMesh } from '#demo/launch/read-mesh.ts'
import { SyntheticProxy } from '#demo/synthetic/exposition.ts'
import { syntheticGraph } from '#demo/synthetic/graph.ts'
import { moments } from '#demo/timeline.ts'
import type { GoldenAnswer } from '#lib/api/golden.ts'
import type { MarkersAnswer } from '#lib/api/markers.ts'
import type { TopologyAnswer, TopologyEdge } from '#lib/api/topology.ts'
import { freePort } from './support/addresses.ts'
import {
  commandLine,
  movedMesh,
  processesNaming,
  type Run,
  runDemo,
  temporaryDirectory,
} from './support/demo.ts'
import { api, get } from './support/requests.ts'
import { until as waitUntil } from './support/until.ts'

// Each wait has room for a busy machine, and a test for several of them.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 })
const until = <T>(what: string, ask: Parameters<typeof waitUntil<T>>[1]) => waitUntil(what, ask, 60_000)

const meshFile = resolve(import.meta.dirname, '../demo/mesh.yaml')
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

function canListen(host: string, port: number): Promise<boolean> {
  return new Promise(done => {
    const server = createServer()
    server.once('error', () => done(false))
    server.listen(port, host, () => server.close(() => done(true)))
  })
}

describe('the demo', () => {
  const directory = temporaryDirectory()
  const dataDirectory = join(directory.path, 'data')
  let run: Run
  let base: string
  let port: number
  let subnet: string
  let startedMs: number

  const markers = async () => (await api<MarkersAnswer>(base, '/markers?window=5m')).rows

  beforeAll(async () => {
    port = await freePort()
    const moved = await movedMesh(directory.path)
    subnet = moved.subnet
    run = runDemo(['--mesh-file', moved.file, '--port', String(port), '--data-dir', dataDirectory])
    base = await run.address()
    startedMs = Date.now()
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
      return shown(answer).every(one => one.rps && one.successRate && one.latencyMs.p99) && answer
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
    expect(nodes.map(node => node.id).toSorted()).toEqual([insecureCaller, ...meshed])
    expect(nodes.filter(node => !node.meshed).map(node => node.id)).toEqual([insecureCaller])
    const isPeculiar = (edge: TopologyEdge) => [insecureCaller, refusedCaller].includes(edge.source)
    const usual = edges.filter(edge => !isPeculiar(edge))
    expect(usual.map(edge => `${edge.destination} < ${edge.source}`).toSorted()).toEqual(secured)
    for (const edge of usual) {
      expect(edge).toMatchObject({ secured: true, mtls: 'all', mtlsRatio: 1, reasons: [], denied: 0 })
      expect(edge.golden.requests).toBeGreaterThan(0)
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

  test('what another start of it breaks is broken, told by a marker, and mended again', async () => {
    const tell = async (verb: string) => {
      const other = runDemo([verb, 'users', '--data-dir', dataDirectory])
      expect(await other.ended).toBe(0)
      return other.output()
    }
    const failures = async () => {
      const answer = await api<GoldenAnswer>(base, '/golden?resource=deploy/users&namespace=shop&window=10s')
      return 1 - (answer.rows[0]?.golden.successRate ?? 1)
    }
    expect(await failures()).toBe(0)
    expect(await tell('--break')).toContain('users is broken now')
    await until('users to fail', async () => (await failures()) > 0.1)
    expect(await tell('--mend')).toContain('users is mended')
    const titles = (await markers()).map(({ title }) => title)
    expect(titles.filter(title => title.startsWith('Users'))).toEqual(['Users broken', 'Users mended'])
  })

  test('turns of the story come as markers, each at its time', async () => {
    const [first] = moments
    const told = await until('the first turn', async () =>
      (await markers()).find(({ title }) => title === first?.title),
    )
    expect(told).toMatchObject({ detail: first?.detail, namespace: first?.namespace })
    expect(Date.parse(told.at) - startedMs).toBeGreaterThan(((first?.atSecond ?? 0) - 5) * 1000)
  })

  test('a second start says in one line who is there, and exits with 1', async () => {
    const second = runDemo(['--data-dir', dataDirectory])
    expect(await second.ended).toBe(1)
    const lines = second.output().trim().split('\n')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toContain(dataDirectory)
    expect(lines[0]).toMatch(/\d+/)
  })

  test('a mistake in the mesh file is told with file, line and field while all runs, and its mending', async () => {
    const file = join(directory.path, 'mesh.yaml')
    const before = readFileSync(file, 'utf8')
    writeFileSync(file, before.replace('selector: { app: web }', 'selecter: { app: web }'))
    await until('the mistake', () => /mesh\.yaml:\d+:\d+.*selecter/.test(run.output()))
    expect(run.output()).not.toContain('can be read again')
    writeFileSync(file, before)
    await until('its mending', () => run.output().includes('mesh.yaml can be read again'))
    expect(run.output().match(/mesh\.yaml:\d+:\d+.*selecter/g)).toHaveLength(1)
  })

  test('what cannot be started is one line that names it, and exit 1', async () => {
    const other = temporaryDirectory()
    const broken = join(other.path, 'broken.yaml')
    writeFileSync(
      broken,
      readFileSync(meshFile, 'utf8').replace('selector: { app: web }', 'selecter: { app: web }'),
    )
    const refusals: readonly (readonly [args: readonly string[], line: RegExp])[] = [
      [['--mesh-file', broken, '--data-dir', join(other.path, 'data')], /broken\.yaml:\d+:\d+.*selecter/],
      // The dashboard of this one has the port.
      [['--port', String(port), '--data-dir', join(other.path, 'other')], new RegExp(String(port))],
      [['--mend', 'users', '--break', 'payments'], /--break and --mend: expected one of them/],
      [['--nodes', '20', '--break', 'users'], /--break: expected the sample mesh/],
    ]
    const runs = refusals.map(([args]) => runDemo(args))
    for (const [i, one] of runs.entries()) {
      expect(await one.ended).toBe(1)
      const lines = one.output().trim().split('\n')
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatch(refusals[i]?.[1] ?? '')
    }
    other.remove()
  })

  test('Ctrl-C leaves no process and no port', async () => {
    run.interrupt()
    expect(await run.ended).toBe(0)
    await until('every process to be gone', () => processesNaming(directory.path).length === 0)
    expect(await canListen('127.0.0.1', port)).toBe(true)
    for (let host = 2; host <= 14; host++) {
      for (const proxyPort of [4140, 4143, 4191])
        expect(await canListen(`${subnet}.${host}`, proxyPort)).toBe(true)
    }
  })
})

test.each([0, 300, 700])(
  'Ctrl-C %i ms after the first program came leaves nothing when it ends',
  async afterMs => {
    const directory = temporaryDirectory()
    const { file } = await movedMesh(directory.path)
    const dataDirectory = join(directory.path, 'data')
    const run = runDemo(['--mesh-file', file, '--data-dir', dataDirectory])
    await until('the first program', () =>
      processesNaming(dataDirectory).some(id => commandLine(id).includes('server.js')),
    )
    await delay(afterMs)
    run.interrupt()
    expect(await run.ended).toBe(0)
    expect(processesNaming(dataDirectory)).toEqual([])
    expect(run.output()).not.toContain('given up')
    directory.remove()
  },
)

test('one that starts steady and broken says so; kill -9 of it leaves nothing', async () => {
  const directory = temporaryDirectory()
  const { file } = await movedMesh(directory.path)
  const dataDirectory = join(directory.path, 'data')
  const run = runDemo(['--mesh-file', file, '--data-dir', dataDirectory, '--steady', '--break', 'users'])
  const base = await run.address()
  expect(run.output()).not.toMatch(/story|once in/i)
  await until('the marker of what is broken from the start', async () => {
    const { rows } = await api<MarkersAnswer>(base, '/markers?window=5m')
    return rows.some(({ title }) => title === 'Users broken')
  })
  const parent = processesNaming(dataDirectory).find(id => commandLine(id).includes('demo/main.ts'))
  process.kill(parent ?? run.pid, 'SIGKILL')
  await until('every program to end by itself', () => processesNaming(dataDirectory).length === 0)
  directory.remove()
})
