import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defaultProxyPorts, type Instance } from '#lib/resources/mesh-state.ts'
import { createMemoryStore } from '#server/store/memory/memory-store.ts'
import { allAtOnce } from './pieces.ts'
import { TargetCounters } from './target-counters.ts'

const collectorStartMs = 1_772_359_200_000
const slotMs = 5_000
const boundsMs = [1, 10]

const web: Instance = {
  namespace: 'shop',
  name: 'web-0',
  ip: '127.18.0.2',
  workload: { namespace: 'shop', kind: 'deployment', name: 'web' },
  serviceAccount: 'web',
  labels: {},
  annotations: {},
  meshed: true,
  identity: null,
  controlPlaneNamespace: null,
  zone: null,
  ports: [],
  proxyPorts: defaultProxyPorts,
}

/** What one good scrape found: a number for each series that it showed. */
interface Snapshot {
  readonly endMs: number
  readonly processStartMs: number | null
  readonly counters: ReadonlyMap<string, number>
  readonly latency: readonly number[] | null
  readonly isTorn: boolean
}

const ports = ['80', '81', '82']
const port = fc.constantFrom(...ports)
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('serve' as const),
      port,
      count: fc.integer({ min: 1, max: 50 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('observe' as const),
      bucket: fc.nat(2),
      count: fc.integer({ min: 1, max: 9 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('scrape' as const),
      afterMs: fc.integer({ min: 1, max: 12_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('torn' as const),
      afterMs: fc.integer({ min: 1, max: 9_000 }),
      port,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      afterMs: fc.integer({ min: 1, max: 200_000 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('restart' as const),
      afterMs: fc.integer({ min: 200, max: 9_000 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('evict' as const), port }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reset' as const), port }) },
)
const share = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }))
const history = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }),
  printsStart: fc.boolean(),
  firstStartMs: fc.constantFrom(collectorStartMs - 60_000, collectorStartMs + 1),
})
type History = typeof history extends fc.Arbitrary<infer H> ? H : never

/** What a proxy with this history shows at each scrape. */
function snapshotsOf({ steps, printsStart, firstStartMs }: History): Snapshot[] {
  const snapshots: Snapshot[] = []
  const counters = new Map<string, number>()
  let latency: number[] | null = null
  let nowMs = collectorStartMs + 1_000
  let processStartMs = firstStartMs
  for (const each of steps) {
    if ('afterMs' in each) nowMs += each.afterMs
    switch (each.kind) {
      case 'serve':
        counters.set(each.port, (counters.get(each.port) ?? 0) + each.count)
        break
      case 'observe':
        latency ??= [0, 0, 0]
        latency[each.bucket]! += each.count
        break
      case 'restart':
        counters.clear()
        latency = null
        processStartMs = nowMs - 100
        break
      case 'evict':
        counters.delete(each.port)
        break
      case 'reset':
        if (counters.has(each.port)) counters.set(each.port, 0)
        break
      case 'wait':
        break
      case 'scrape':
      case 'torn': {
        const shown = new Map(counters)
        if (each.kind === 'torn') shown.delete(each.port)
        snapshots.push({
          endMs: nowMs,
          processStartMs: printsStart ? processStartMs : null,
          counters: shown,
          latency: latency === null ? null : [...latency],
          isTorn: each.kind === 'torn',
        })
      }
    }
  }
  return snapshots
}

function printed(snapshot: Snapshot): string {
  const lines: string[] = []
  for (const [target, count] of snapshot.counters) {
    lines.push(
      `response_total{direction="inbound",target_port="${target}",classification="success"} ${count}`,
    )
  }
  let upTo = 0
  for (const [i, count] of (snapshot.latency ?? []).entries()) {
    upTo += count
    const le = boundsMs[i] ?? '+Inf'
    lines.push(
      `response_latency_ms_bucket{direction="inbound",target_port="80",status_code="200",le="${le}"} ${upTo}`,
    )
  }
  if (snapshot.processStartMs !== null)
    lines.push(`process_start_time_seconds ${snapshot.processStartMs / 1_000}`)
  if (snapshot.isTorn) lines.push('response_total{direction="inb')
  return `${lines.join('\n')}\n# EOF\n`
}

/** What counting goes on from, looked up anew for each scrape: an earlier value, zero, or nothing that is known. */
function baseAt<T>(
  snapshots: readonly Snapshot[],
  at: number,
  read: (s: Snapshot) => T | undefined,
): T | 'zero' | 'unknown' {
  const present = snapshots[at]!
  for (let i = at - 1; i >= 0; i--) {
    const earlier = snapshots[i]!
    if (earlier.processStartMs !== present.processStartMs) return 'zero'
    const base = read(earlier)
    if (base !== undefined) return base
    if (!earlier.isTorn) return 'zero'
  }
  const isNewProcess = present.processStartMs !== null && present.processStartMs > collectorStartMs
  return isNewProcess ? 'zero' : 'unknown'
}

function increaseAt(snapshots: readonly Snapshot[], at: number, target: string): number {
  const value = snapshots[at]!.counters.get(target)
  const base = baseAt(snapshots, at, s => s.counters.get(target))
  if (value === undefined || base === 'unknown') return 0
  return base === 'zero' || value < base ? value : value - base
}

function latencyAt(snapshots: readonly Snapshot[], at: number): readonly number[] {
  const value = snapshots[at]!.latency
  const base = baseAt(snapshots, at, s => s.latency ?? undefined)
  if (value === null || base === 'unknown') return [0, 0, 0]
  if (base === 'zero' || cumulated(value).some((count, i) => count < cumulated(base)[i]!)) return value
  const upTo = cumulated(value).map((count, i) => count - cumulated(base)[i]!)
  // Buckets that contradict each other are not counted.
  return upTo.every((count, i) => count >= (upTo[i - 1] ?? 0))
    ? value.map((count, i) => count - base[i]!)
    : [0, 0, 0]
}

function cumulated(counts: readonly number[]): number[] {
  return counts.map((_, i) => counts.slice(0, i + 1).reduce((a, b) => a + b, 0))
}

test('sum() of what apply() gives equals the plain rules, for any history of counters', async () => {
  await fc.assert(
    fc.asyncProperty(history, share, share, async (past, from, to) => {
      const snapshots = snapshotsOf(past)
      const counters = new TargetCounters(web, collectorStartMs)
      const store = createMemoryStore({ intervalMs: slotMs })
      for (const snapshot of snapshots) {
        const { delta } = allAtOnce(counters.apply(Buffer.from(printed(snapshot)), snapshot.endMs))
        store.append(delta)
      }
      const lastEndMs = snapshots.at(-1)?.endMs ?? collectorStartMs
      const range = {
        startMs: collectorStartMs + Math.floor((lastEndMs - collectorStartMs) * Math.min(from, to)),
        endMs: collectorStartMs + Math.ceil((lastEndMs - collectorStartMs + slotMs) * Math.max(from, to)),
      }
      const answer = await store.sum({
        by: ['port'],
        where: { view: 'inbound' },
        range,
      })
      const inRange = [...snapshots.keys()].filter(at => {
        const { endMs } = snapshots[at]!
        return endMs >= answer.range.startMs && endMs < answer.range.endMs
      })
      for (const target of ports) {
        const expected = inRange.reduce((total, at) => total + increaseAt(snapshots, at, target), 0)
        const row = answer.rows.find(each => each.key[0] === target)
        expect(row?.sums.success ?? 0).toBe(expected)
      }
      const expected = [0, 0, 0]
      for (const at of inRange)
        for (const [i, count] of latencyAt(snapshots, at).entries()) expected[i]! += count
      const latency = answer.rows.find(each => each.key[0] === '80')?.sums.latency
      expect(latency?.counts ?? [0, 0, 0]).toEqual(expected)
      await store.close()
    }),
    { numRuns: 500 },
  )
})
