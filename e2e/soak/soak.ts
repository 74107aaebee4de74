import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { get } from '#e2e/support/requests.ts'
import { makeTestMesh, type TestMesh } from '#e2e/support/test-mesh.ts'
import { until } from '#e2e/support/until.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { changingMesh } from './changing-mesh.ts'
import { http1Load } from './http1-load.ts'
import { http2Load } from './http2-load.ts'
import { type LoadResult, runLoad } from './load.ts'
import { type Course, type ProcessState, probeEnv, stateOf } from './process-state.ts'
import { tcpTurn } from './tcp-load.ts'
import { serveTokens } from './token-app.ts'

const CLIENTS = { http1: 16, http2: 8, grpc: 4, tcp: 4 }
const DOOR = 6379
const CHANGE_EVERY_MS = 500
/** How long kept connections may rest before the proxies close them. */
const POOL_IDLE_MS = 3000
const SERVERS = ['server-1', 'server-2', 'canary'] as const

export interface SoakResult extends LoadResult {
  /** Counted by the client's proxy, and by those of the servers together; connections by that of the cache. */
  readonly counted: Readonly<Record<'outbound' | 'inbound' | 'responses' | 'connections', number>>
  /** By name. */
  readonly processes: ReadonlyMap<string, Course>
  /** Of each proxy. */
  readonly certificates: ReadonlyMap<string, number>
  /** Programs that ended by themselves, and lines of logs that tell of what nobody handled. */
  readonly faults: readonly string[]
}

/**
 * Loads a mesh for some seconds with HTTP/1, HTTP/2, gRPC and opaque TCP while certificates are renewed every few
 * seconds, an endpoint comes and goes, weights and policy change and clients leave; then waits until it rests.
 */
export async function soak(seconds: number): Promise<SoakResult> {
  const faults: string[] = []
  const test = await makeTestMesh(
    {
      pods: [
        {
          name: 'client',
          host: 2,
          annotations: { 'config.meshscope.io/outbound-listen': `${DOOR}=cache.test:80` },
        },
        { name: 'server-1', app: 'server', host: 3 },
        { name: 'server-2', app: 'server', host: 4 },
        { name: 'canary', host: 5 },
        { name: 'cache', host: 6, annotations: { 'config.linkerd.io/opaque-ports': '8080' } },
      ],
      services: ['server', 'canary', 'cache'],
    },
    directory => ({
      proxyEnv: {
        LINKERD2_PROXY_IDENTITY_MIN_REFRESH: '1s',
        LINKERD2_PROXY_IDENTITY_MAX_REFRESH: '3s',
        ...probeEnv(heapDirectory(directory)),
      },
      onLost: (child, { lastLines }) => faults.push(`${child.name} ended: ${lastLines.at(-1) ?? ''}`),
    }),
  )
  const directory = dirname(test.meshFile)
  mkdirSync(heapDirectory(directory))
  const closing: { close(): void }[] = []
  try {
    for (const name of [...SERVERS, 'cache']) closing.push(await serveTokens(test.instance(name)))
    await test.mesh.startControl()
    await test.mesh.startProxies()
    const client = test.instance('client')
    const http1 = http1Load(client, CLIENTS.http1)
    const http2 = http2Load(client)
    closing.push(http1, http2)
    const changing = changingMesh(test.meshFile, 'server-2')
    const startedMs = performance.now()
    const pastMs = () => performance.now() - startedMs
    const timer = setInterval(() => changing.turn(), CHANGE_EVERY_MS)
    closing.push({ close: () => clearInterval(timer) })
    const at = async (what: string, ms: number) => {
      await until(what, () => pastMs() > ms, seconds * 1000 + 10_000)
      return await statesOf(test, heapDirectory(directory))
    }
    const states = Promise.all([at('the load to be warm', seconds * 250), at('its end', seconds * 1000)])
    let isOver = false
    const load = runLoad(
      [
        { protocol: 'http1', clients: CLIENTS.http1, turn: http1.turn },
        { protocol: 'http2', clients: CLIENTS.http2, turn: http2.turn },
        { protocol: 'grpc', clients: CLIENTS.grpc, turn: http2.grpcTurn },
        { protocol: 'tcp', clients: CLIENTS.tcp, turn: tcpTurn(client.ip, DOOR) },
      ],
      () => isOver,
    )
    const [warm, late] = await states.finally(() => {
      isOver = true
    })
    const result = await load
    for (const each of closing.slice(-3)) each.close()
    const restingSince = performance.now()
    await until('the proxies to rest', () => performance.now() - restingSince > POOL_IDLE_MS + 1000, 10_000)
    const rest = await statesOf(test, heapDirectory(directory))
    const servers = SERVERS.map(name => test.instance(name))
    const proxies = [client, ...servers, test.instance('cache')]
    return {
      ...result,
      counted: {
        outbound: await sum([client], 'request_total'),
        responses: await sum([client], 'response_total'),
        inbound: await sum(servers, 'request_total'),
        connections: await sum([test.instance('cache')], 'inbound_tcp_authz_allow_total'),
      },
      processes: new Map(
        [...rest].map(([name, state]) => [
          name,
          { warm: warm.get(name) ?? state, late: late.get(name) ?? state, rest: state },
        ]),
      ),
      certificates: new Map(
        await Promise.all(proxies.map(async pod => [pod.name, await certificatesOf(pod)] as const)),
      ),
      faults: [...faults, ...unhandled(join(directory, 'data', 'logs'))],
    }
  } finally {
    for (const each of closing) each.close()
    await test.close()
  }
}

function heapDirectory(directory: string): string {
  return join(directory, 'heap')
}

async function statesOf({ mesh }: TestMesh, heaps: string): Promise<ReadonlyMap<string, ProcessState>> {
  const proxies = [...mesh.proxies].map(
    async ([id, child]) => [id.replace('test/', ''), await stateOf(child.pid, heaps)] as const,
  )
  const control = mesh.control === null ? [] : [['control', await stateOf(mesh.control.pid, null)] as const]
  return new Map([...(await Promise.all(proxies)), ...control])
}

function unhandled(logs: string): readonly string[] {
  return readdirSync(logs).flatMap(file =>
    readFileSync(join(logs, file), 'utf8')
      .split('\n')
      .filter(line => /unhandled|uncaught/i.test(line))
      .map(line => `${file}: ${line}`),
  )
}

async function certificatesOf(pod: Instance): Promise<number> {
  return Number(/^control_identity_cert_refreshes_total\{result="ok"\} (\d+)/m.exec(await metrics(pod))?.[1])
}

async function sum(pods: readonly Instance[], family: string): Promise<number> {
  const texts = await Promise.all(pods.map(metrics))
  const lines = texts.flatMap(text => [...text.matchAll(new RegExp(`^${family}\\{.*\\} (\\d+)$`, 'gm'))])
  return lines.reduce((total, [, count]) => total + Number(count), 0)
}

async function metrics(pod: Instance): Promise<string> {
  return (await get({ host: pod.ip, port: pod.proxyPorts.admin, path: '/metrics' })).body
}
