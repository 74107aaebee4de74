import { seededRandom } from './random.ts'

/** One workload with its one pod. */
export interface SyntheticWorkload {
  readonly namespace: string
  readonly kind: 'deployment' | 'statefulset' | 'cronjob'
  readonly name: string
  readonly ip: string
  readonly isMeshed: boolean
}

/** What one workload sends another. */
export interface Flow {
  readonly source: SyntheticWorkload
  readonly destination: SyntheticWorkload
  readonly requestsPerSecond: number
  /** Refused by policy, all of it. */
  readonly isDenied: boolean
  /** The share that fails at all times. */
  readonly failureRatio: number
  /** The share that fails or is slow besides, while an episode lasts. */
  readonly episode: { readonly kind: 'fails' | 'slow'; readonly ratio: number } | null
  readonly typicalMs: number
  /** Where in its waves and episodes it begins, in seconds. */
  readonly phaseSeconds: number
}

export interface SyntheticGraph {
  readonly workloads: readonly SyntheticWorkload[]
  readonly flows: readonly Flow[]
}

const namespaceNames = [
  'shop',
  'payments',
  'orders',
  'catalog',
  'search',
  'shipping',
  'inventory',
  'identity',
  'billing',
  'ledger',
  'fraud',
  'pricing',
  'loyalty',
  'support',
  'media',
  'mail',
  'ads',
  'reports',
  'partners',
  'analytics',
  'maps',
  'chat',
  'risk',
  'tax',
  'batch',
]
const roles = [
  'gateway',
  'api',
  'web',
  'quotes',
  'rules',
  'sessions',
  'events',
  'export',
  'worker',
  'index',
  'feed',
  'audit',
  'sync',
  'images',
  'limits',
  'notify',
]
const workloadsPerNamespace = 40
const flowsPerWorkload = 1.8
/** One in so many is a job outside the mesh, which only calls. */
const jobEvery = 50

/**
 * A mesh of `count` workloads with about 1.8 flows each, the same for the same `count`: namespaces with a gateway, from
 * which a tree of calls goes down, and calls across. `subnet` is the first two numbers of its addresses: `127.24`.
 */
export function syntheticGraph(count: number, subnet: string): SyntheticGraph {
  const random = seededRandom(count)
  const namespaces = Math.max(1, Math.min(namespaceNames.length, Math.ceil(count / workloadsPerNamespace)))
  const workloads = Array.from({ length: count }, (_, i) => workload(i, namespaces, subnet))
  const services = workloads.filter(({ isMeshed }) => isMeshed)
  const byNamespace = new Map<string, SyntheticWorkload[]>()
  for (const one of services) byNamespace.set(one.namespace, [...(byNamespace.get(one.namespace) ?? []), one])
  const flows = new Map<string, Flow>()
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!
  const add = (source: SyntheticWorkload, destination: SyntheticWorkload) => {
    const key = `${source.ip}>${destination.ip}`
    if (source !== destination && !flows.has(key)) flows.set(key, flow(source, destination, random))
  }
  const [front] = services
  for (const members of byNamespace.values()) {
    members.forEach((member, i) => {
      // Nearer the gateway, more call on: the square prefers those.
      const caller = i === 0 ? front : members[Math.floor(random() ** 2 * i)]
      if (caller) add(caller, member)
    })
  }
  for (const job of workloads.filter(({ isMeshed }) => !isMeshed)) add(job, pick(services))
  while (flows.size < Math.floor(count * flowsPerWorkload)) {
    const source = pick(services)
    const members = byNamespace.get(random() < 0.7 ? source.namespace : pick(services).namespace)
    if (members) add(source, members[Math.floor(random() ** 2 * members.length)]!)
  }
  return { workloads, flows: [...flows.values()] }
}

function workload(i: number, namespaces: number, subnet: string): SyntheticWorkload {
  const inNamespace = Math.floor(i / namespaces)
  const role = roles[inNamespace % roles.length]!
  const round = Math.floor(inNamespace / roles.length)
  const isJob = i % jobEvery === jobEvery - 1
  const name = isJob ? `job-${i}` : round === 0 ? role : `${role}-${round + 1}`
  return {
    namespace: namespaceNames[i % namespaces]!,
    kind: isJob ? 'cronjob' : role === 'index' ? 'statefulset' : 'deployment',
    name,
    ip: `${subnet}.${1 + Math.floor(i / 250)}.${2 + (i % 250)}`,
    isMeshed: !isJob,
  }
}

function flow(source: SyntheticWorkload, destination: SyntheticWorkload, random: () => number): Flow {
  const luck = random()
  return {
    source,
    destination,
    requestsPerSecond: 0.3 * 100 ** random(),
    isDenied: random() < 0.01,
    failureRatio: luck < 0.03 ? 0.05 + 0.3 * random() : luck < 0.2 ? 0.005 : 0,
    episode: luck > 0.96 ? { kind: 'fails', ratio: 0.5 } : luck > 0.9 ? { kind: 'slow', ratio: 0.4 } : null,
    typicalMs: 2 * 40 ** random(),
    phaseSeconds: Math.floor(random() * 600),
  }
}
