import type { TopologyAnswer, TopologyEdge, TopologyNode } from './topology.ts'

/** A node of a topology in a test: a busy deployment unless told otherwise. */
export function testNode(id: string, more: Partial<TopologyNode> = {}): TopologyNode {
  const [namespace = '', kind = '', name = ''] = id.split('/')
  return {
    id,
    namespace,
    kind,
    name,
    meshed: true,
    golden: golden(600, 1),
    tcp: { open: 1, readBytesPerSecond: 100, writeBytesPerSecond: 100 },
    badges: [],
    ...more,
  }
}

/** An edge of a topology in a test: requests over mTLS, all successful, unless told otherwise. */
export function testEdge(
  source: string,
  destination: string,
  more: Partial<TopologyEdge> = {},
): TopologyEdge {
  return {
    id: `${source}>${destination}`,
    source,
    destination,
    clientId: 'client',
    serverId: 'server',
    secured: true,
    mtls: 'all',
    mtlsRatio: 1,
    reasons: [],
    denied: 0,
    golden: golden(600, 1),
    tcp: { open: 1, readBytesPerSecond: 100, writeBytesPerSecond: 100 },
    protocol: 'http',
    ...more,
  }
}

/** Golden metrics of a minute in a test. */
export function golden(requests: number, successRate: number | null): TopologyNode['golden'] {
  return {
    requests,
    rps: requests / 60,
    successRate,
    latencyMs: requests === 0 ? { p50: null, p95: null, p99: null } : { p50: 5, p95: 20, p99: 80 },
  }
}

/**
 * The topology of a large mesh: `nodes` workloads in namespaces of about forty, `edges` calls mostly within a namespace
 * and from lower to higher numbers. The same figures give the same mesh.
 */
export function largeAnswer(nodes: number, edges: number): TopologyAnswer {
  const random = seeded(7)
  const ids = Array.from(
    { length: nodes },
    (_, index) => `ns-${Math.floor(index / 40)}/deployment/app-${index}`,
  )
  const found = new Map<string, TopologyEdge>()
  while (found.size < edges) {
    const from = Math.floor(random() * nodes)
    const isNear = random() < 0.85
    const to = isNear ? Math.floor(from / 40) * 40 + Math.floor(random() * 40) : Math.floor(random() * nodes)
    const [source, destination] = [ids[Math.min(from, to)], ids[Math.max(from, to)]]
    if (from === to || source === undefined || destination === undefined) continue
    const isFailing = random() < 0.01
    const requests = Math.floor(10 ** (random() * 4))
    const edge = testEdge(source, destination, {
      golden: golden(requests, isFailing ? 0.8 : 1),
      ...(random() < 0.02
        ? { mtls: 'none', secured: false, mtlsRatio: 0, reasons: ['not_provided_by_remote'] }
        : {}),
      ...(random() < 0.15 ? { protocol: 'tcp', golden: golden(0, null) } : {}),
    })
    found.set(edge.id, edge)
  }
  return {
    span: { start: '2026-01-01T00:00:00.000Z', end: '2026-01-01T00:01:00.000Z', stepSeconds: 1 },
    coverage: { expected: nodes, answered: nodes, oldestSampleAt: '2026-01-01T00:01:00.000Z', missing: [] },
    nodes: ids.map(id => testNode(id)),
    edges: [...found.values()],
  }
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}
