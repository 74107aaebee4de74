import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { io, type Socket } from 'socket.io-client'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type {
  TapClientEvents,
  TapEvent,
  TapFilter,
  TapServerEvents,
  TapStartReply,
  TapStats,
} from '#lib/api/tap.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { get, getThrough } from './support/requests.ts'
import { makeTestMesh, type TestMesh } from './support/test-mesh.ts'
import { until } from './support/until.ts'

const meshscope = resolve(import.meta.dirname, '../dist/meshscope.js')

type Client = Socket<TapServerEvents, TapClientEvents>

/** A running tap, and all that it told. */
interface Running {
  readonly client: Client
  readonly events: TapEvent[]
  stats: TapStats | null
  hasEnded: boolean
}

describe('tap', () => {
  let mesh: TestMesh
  let base: string
  let web: Instance
  let catalog: Instance
  let outsider: Instance
  const clients: Client[] = []

  beforeAll(async () => {
    mesh = await makeTestMesh({
      pods: [
        { name: 'web', host: 2 },
        { name: 'catalog-0', app: 'catalog', host: 3 },
        { name: 'catalog-1', app: 'catalog', host: 4 },
        {
          name: 'strict',
          host: 5,
          annotations: { 'config.linkerd.io/default-inbound-policy': 'all-authenticated' },
        },
        { name: 'outsider', host: 6, meshed: false },
      ],
      services: ['catalog', 'strict'],
    })
    web = mesh.instance('web')
    catalog = mesh.instance('catalog-0')
    outsider = mesh.instance('outsider')
    for (const pod of ['catalog-0', 'catalog-1', 'strict']) {
      await mesh.serve(pod, (request, response) => {
        response.statusCode = request.url?.startsWith('/broken') ? 500 : 200
        response.setHeader('set-cookie', 'session=secret')
        response.end('eleven byte')
      })
    }
    base = await mesh.mesh.start()
    await until('the path to catalog', async () => (await getThrough(web, 'catalog', '/')).status === 200)
  })
  afterEach(() => {
    for (const client of clients.splice(0)) client.disconnect()
  })
  afterAll(() => mesh.close())

  async function startTap(filter: TapFilter): Promise<{ reply: TapStartReply; running: Running }> {
    const client: Client = io(`${base}/tap`, {
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
    })
    clients.push(client)
    const running: Running = { client, events: [], stats: null, hasEnded: false }
    client.on('events', ({ events }) => running.events.push(...events))
    client.on('stats', ({ stats }) => {
      running.stats = stats
    })
    client.on('end', () => {
      running.hasEnded = true
    })
    const reply = await client.timeout(5_000).emitWithAck('start', { filter })
    return { reply, running }
  }

  /** A tap of which every meshed pod is watched. */
  async function tapped(filter: TapFilter): Promise<Running> {
    const { reply, running } = await startTap(filter)
    expect(reply).toMatchObject({ tap: '1' })
    await until('every proxy to be tapped', () =>
      running.stats?.pods.every(({ state, error }) => state === 'tapping' || error?.startsWith('Not in')),
    )
    return running
  }

  async function ask(service: string, paths: readonly string[], atOnce = 20): Promise<void> {
    const waiting = [...paths]
    const worker = async () => {
      for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
        await getThrough(web, service, path, { authorization: 'Bearer secret', 'x-asked': path })
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
  }

  const pathsOf = (events: readonly TapEvent[]) => events.map(({ path }) => path).toSorted()
  const numbered = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, i) => `${prefix}/${i}`)

  test('tells every request of a burst once, joined, with what both its ends know', async () => {
    const running = await tapped({ resource: 'deploy', namespace: 'test', maxRps: 2_000, path: '/burst' })
    const paths = numbered('/burst', 600)
    await ask('catalog', paths)
    await until('every event', () => running.events.length >= paths.length)
    await until('the numbers', () => running.stats?.shown === paths.length)
    expect(pathsOf(running.events)).toEqual(paths.toSorted())
    expect(running.stats?.dropped).toEqual({ limit: 0, proxyBuffer: 0, serverBuffer: 0, slowClient: 0 })
    for (const event of running.events) {
      expect(event).toMatchObject({
        direction: 'both',
        source: { workload: web.workload, pod: 'web', ip: web.ip },
        destination: { workload: catalog.workload, port: 8080 },
        tls: 'true',
        clientId: web.identity,
        serverId: catalog.identity,
        method: 'GET',
        status: 200,
        bytes: 11,
        end: 'complete',
      })
      expect(event.latencyMs).toBeGreaterThanOrEqual(0)
      expect(event.durationMs).toBeGreaterThanOrEqual(event.latencyMs ?? 0)
    }
    const pods = new Set(running.events.map(({ destination }) => destination.pod))
    expect(pods).toEqual(new Set(['catalog-0', 'catalog-1']))
  })

  test('tells no request of a burst twice that passes while the tap begins', async () => {
    const { running } = await startTap({
      resource: 'deploy',
      namespace: 'test',
      maxRps: 2_000,
      path: '/begin',
    })
    await until('a proxy to tell', async () => {
      await ask('catalog', numbered('/begin', 20))
      return running.events.length > 0
    })
    await ask('catalog', numbered('/begin', 100))
    running.client.emit('stop', { tap: '1' })
    await until('its end', () => running.hasEnded)
    const ids = running.events.map(({ requestId }) => requestId)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('adds up to what was sent, shown or dropped, when there is more than the limit', async () => {
    const running = await tapped({ resource: 'deploy/web', namespace: 'test', maxRps: 20 })
    const paths = numbered('/many', 1_500)
    await until('counting to begin', () => running.stats?.counted === 0)
    await ask('catalog', paths)
    const sumOf = ({ shown, dropped }: TapStats) =>
      shown + dropped.limit + dropped.proxyBuffer + dropped.serverBuffer + dropped.slowClient
    await until('the numbers', () => running.stats && sumOf(running.stats) === paths.length)
    await until('the count of the proxies', () => running.stats?.counted === paths.length)
    expect(running.stats?.shown).toBeGreaterThanOrEqual(20)
    expect(running.stats?.shown).toBeLessThan(500)
    expect(running.events).toHaveLength(running.stats?.shown ?? 0)
    expect(new Set(pathsOf(running.events)).size).toBe(running.events.length)
  })

  test('tells of refused requests, and by what', async () => {
    const running = await tapped({ resource: 'deploy/strict', namespace: 'test' })
    const { ip, proxyPorts } = mesh.instance('strict')
    const headers = { host: 'strict' }
    const refused = { host: ip, port: proxyPorts.inbound, path: '/refused', headers }
    expect(await get({ ...refused, localAddress: outsider.ip })).toMatchObject({ status: 403 })
    await until('the refusal', () => running.events.length === 1)
    expect(running.events[0]).toMatchObject({
      direction: 'inbound',
      source: { workload: outsider.workload, pod: 'outsider' },
      path: '/refused',
      status: 403,
      tls: 'no_tls_from_remote',
      clientId: '',
    })
    expect(running.events[0]?.policy).toBeTruthy()
  })

  test('tells headers when asked to, without the values of sensitive ones', async () => {
    const running = await tapped({
      resource: 'deploy/catalog',
      namespace: 'test',
      extract: 'headers',
      path: '/headers',
    })
    await ask('catalog', ['/headers'])
    await until('the request', () => running.events.length === 1)
    const [event] = running.events
    expect(event?.requestHeaders).toContainEqual({ name: 'x-asked', value: '/headers' })
    expect(event?.requestHeaders).toContainEqual({ name: 'authorization', value: '[redacted]' })
    expect(event?.responseHeaders).toContainEqual({ name: 'set-cookie', value: '[redacted]' })
    expect(JSON.stringify(running.events)).not.toContain('secret')
  })

  test('follows what goes to one destination only, with to', async () => {
    const running = await tapped({
      resource: 'deploy/web',
      namespace: 'test',
      to: 'svc/catalog',
      method: 'GET',
    })
    await ask('strict', ['/elsewhere'])
    await ask('catalog', ['/here', '/broken'])
    await until('both', () => running.events.length === 2)
    expect(pathsOf(running.events)).toEqual(['/broken', '/here'])
    expect(running.events.find(({ path }) => path === '/broken')?.status).toBe(500)
  })

  test('names a proxy that is gone, goes on with the others, and takes it back', async () => {
    const running = await tapped({ resource: 'deploy/catalog', namespace: 'test', path: '/again' })
    const stateOf = (name: string) => running.stats?.pods.find(({ pod }) => pod === name)
    mesh.mesh.proxies.get('test/catalog-1')?.kill('SIGKILL')
    await until('the loss to be told', () => stateOf('catalog-1')?.state === 'failed')
    expect(stateOf('catalog-1')?.error).toMatch(/Nothing listens|Lost the proxy/)
    expect(stateOf('catalog-0')?.state).toBe('tapping')
    await until('events of the other', async () => {
      await getThrough(web, 'catalog', '/again')
      return running.events.some(({ destination }) => destination.pod === 'catalog-0')
    })
    await mesh.mesh.startProxy(mesh.instance('catalog-1'))
    await until('the proxy to be back', () => stateOf('catalog-1')?.state === 'tapping')
    await until('events of it', async () => {
      await getThrough(web, 'catalog', '/again')
      return running.events.some(({ destination }) => destination.pod === 'catalog-1')
    })
  })

  /** Runs `meshscope tap` until what it printed is enough, then ends it as Ctrl-C does. */
  async function runTap(args: readonly string[], isEnough: (out: string) => boolean) {
    const child = spawn(process.execPath, [meshscope, 'tap', ...args, '-n', 'test', '--api-addr', base])
    let [out, err] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()))
    const ended = new Promise<number | null>(done => child.once('close', done))
    try {
      await until('what the command prints', async () => {
        await getThrough(web, 'catalog', '/cli')
        return isEnough(out)
      })
    } finally {
      child.kill('SIGINT')
    }
    return { exit: await ended, out, err }
  }

  test('is printed by the command line as Linkerd prints it, and ends with what was shown', async () => {
    const args = ['deploy/web', '--path', '/cli']
    const { exit, out, err } = await runTap(args, text => text.split('\n').length > 9)
    const lines = out.split('\n')
    const common = `id=0:1 proxy=out src=${web.ip}:\\d+ dst=127\\.\\d+\\.\\d+\\.[34]:8080 tls=true`
    expect(lines[0]).toMatch(new RegExp(`^req ${common} :method=GET :authority=catalog(\\S*) :path=/cli$`))
    expect(lines[1]).toMatch(new RegExp(`^rsp ${common} :status=200 latency=\\d+µs$`))
    expect(lines[2]).toMatch(new RegExp(`^end ${common} duration=\\d+µs response-length=11B$`))
    expect(err).toMatch(/^Shown: \d+ requests/)
    expect(exit).toBe(0)
  })

  test('is printed by the command line as JSON, a request a line', async () => {
    const args = ['deploy', '--path', '/cli', '-o', 'json']
    const { out, err } = await runTap(args, text => text.split('\n').length > 3)
    const [first] = out.split('\n').map(line => JSON.parse(line || 'null') as TapEvent | null)
    expect(first).toMatchObject({ path: '/cli', status: 200, tls: 'true' })
    expect(first?.requestHeaders?.length).toBeGreaterThan(0)
    expect(err).toContain('test/outsider is not tapped: Not in the mesh')
  })

  test('says why it does not start', async () => {
    const { reply } = await startTap({ resource: 'deploy/nobody', namespace: 'test' })
    expect(reply).toMatchObject({ error: { code: 'UNKNOWN_RESOURCE' } })
    const { reply: unmeshed } = await startTap({ resource: 'deploy/outsider', namespace: 'test' })
    expect(unmeshed).toMatchObject({ error: { code: 'NOTHING_TO_TAP' } })
  })
})
