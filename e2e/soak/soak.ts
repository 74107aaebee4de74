import { get } from '#e2e/support/requests.ts'
import { makeTestMesh } from '#e2e/support/test-mesh.ts'
import { until } from '#e2e/support/until.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { changingMesh } from './changing-mesh.ts'
import { answerWithToken, type LoadResult, runLoad } from './load.ts'

const CLIENTS = 24
const CHANGE_EVERY_MS = 500
/** How long kept connections may rest before the proxies close them. */
const POOL_IDLE_MS = 3000

/** How one proxy stood at a moment. */
interface ProxyState {
  readonly startedAtSeconds: number
  readonly openFds: number
  readonly residentBytes: number
  readonly certificates: number
}

export interface SoakResult extends LoadResult {
  /** Counted by the client's proxy, and by those of the servers together. */
  readonly counted: { readonly outbound: number; readonly inbound: number; readonly responses: number }
  /** By pod: after a quarter of the time, and when all was over. */
  readonly proxies: ReadonlyMap<string, { readonly warm: ProxyState; readonly last: ProxyState }>
}

/**
 * Loads a mesh for some seconds while certificates are renewed every few seconds, an endpoint comes and goes, weights
 * and policy change and clients leave; then waits until it rests.
 */
export async function soak(seconds: number): Promise<SoakResult> {
  const test = await makeTestMesh(
    {
      pods: [
        { name: 'client', host: 2 },
        { name: 'server-1', app: 'server', host: 3 },
        { name: 'server-2', app: 'server', host: 4 },
        { name: 'canary', host: 5 },
      ],
      services: ['server', 'canary'],
    },
    {
      proxyEnv: { LINKERD2_PROXY_IDENTITY_MIN_REFRESH: '1s', LINKERD2_PROXY_IDENTITY_MAX_REFRESH: '3s' },
    },
  )
  let timer: ReturnType<typeof setInterval> | undefined
  try {
    const servers = ['server-1', 'server-2', 'canary']
    for (const name of servers) await test.serve(name, answerWithToken)
    await test.mesh.startControl()
    await test.mesh.startProxies()
    const client = test.instance('client')
    const pods = ['client', ...servers].map(name => test.instance(name))
    const changing = changingMesh(test.meshFile, 'server-2')
    const startedMs = performance.now()
    const pastMs = () => performance.now() - startedMs
    timer = setInterval(() => changing.turn(), CHANGE_EVERY_MS)
    const warmed = until('the load to be warm', () => pastMs() > seconds * 250, seconds * 1000 + 1000).then(
      () => statesOf(pods),
    )
    const load = await runLoad(client, CLIENTS, () => pastMs() > seconds * 1000)
    clearInterval(timer)
    const warm = await warmed
    const restingSince = performance.now()
    await until('the proxies to rest', () => performance.now() - restingSince > POOL_IDLE_MS + 1000, 10_000)
    const last = await statesOf(pods)
    return {
      ...load,
      counted: {
        outbound: await sum([client], 'request_total'),
        responses: await sum([client], 'response_total'),
        inbound: await sum(pods.slice(1), 'request_total'),
      },
      proxies: new Map(
        pods.map(({ name }) => [name, { warm: stateOf(warm, name), last: stateOf(last, name) }] as const),
      ),
    }
  } finally {
    clearInterval(timer)
    await test.close()
  }
}

async function statesOf(pods: readonly Instance[]): Promise<ReadonlyMap<string, ProxyState>> {
  const states = pods.map(async pod => {
    const text = await metrics(pod)
    const value = (name: string) => Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)`, 'm').exec(text)?.[1])
    const state: ProxyState = {
      startedAtSeconds: value('process_start_time_seconds'),
      openFds: value('process_open_fds'),
      residentBytes: value('process_resident_memory_bytes'),
      certificates: Number(/^control_identity_cert_refreshes_total\{result="ok"\} (\d+)/m.exec(text)?.[1]),
    }
    return [pod.name, state] as const
  })
  return new Map(await Promise.all(states))
}

function stateOf(states: ReadonlyMap<string, ProxyState>, name: string): ProxyState {
  const state = states.get(name)
  if (state === undefined) throw new Error(`The soak read no metrics of ${name}`)
  return state
}

async function sum(pods: readonly Instance[], family: string): Promise<number> {
  const texts = await Promise.all(pods.map(metrics))
  const lines = texts.flatMap(text => [...text.matchAll(new RegExp(`^${family}\\{.*\\} (\\d+)$`, 'gm'))])
  return lines.reduce((total, [, count]) => total + Number(count), 0)
}

async function metrics(pod: Instance): Promise<string> {
  return (await get({ host: pod.ip, port: pod.proxyPorts.admin, path: '/metrics' })).body
}
