import { expect, test } from 'vitest'
import { api, get } from '#e2e/support/requests.ts'
import { untilInDemo as until } from '#e2e/support/until.ts'
import type { GoldenAnswer } from '#lib/api/golden.ts'
import type { TopologyAnswer, TopologyEdge } from '#lib/api/topology.ts'
import type { Counts, SharedDemo } from './shared-demo.ts'

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

/** What a proxy counted of requests that came to its app: how many ended, and how many of them well. */
function inboundOf(exposition: string): Counts {
  const counts = { ended: 0, succeeded: 0 }
  for (const line of exposition.split('\n')) {
    if (!/^response_total\{.*direction="inbound"/.test(line)) continue
    const count = Number(line.split(' ').at(-1))
    counts.ended += count
    if (line.includes('classification="success"')) counts.succeeded += count
  }
  return counts
}

/** Tests that what is shown is the sample mesh, and as much as its apps counted themselves. */
export function numbersTests(demo: SharedDemo): void {
  test('every meshed workload has moving numbers', async () => {
    const golden = () => api<GoldenAnswer>(demo.base, '/golden?resource=deploy&namespace=_all&window=10s')
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
    const ask = () => api<TopologyAnswer>(demo.base, '/topology?groupBy=workload&window=1m')
    const { nodes, edges } = await until('every edge', async () => {
      const answer = await ask()
      const hasCounts = answer.edges.every(
        ({ destination, golden, denied }) => destination === cache || (golden.requests ?? 0) + denied > 0,
      )
      return answer.edges.length >= secured.length + 2 && hasCounts && answer
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
    const counted = () => demo.countsOf(2)
    // What the proxy of web counted stands between what had ended before it was asked and what has ended after.
    const look = async () => {
      const before = await counted()
      const { body } = await get({ host: `${demo.subnet}.3`, port: 4191, path: '/metrics' })
      return { before, proxy: inboundOf(body), after: await counted() }
    }
    const first = await look()
    const start = Math.ceil(Date.now() / 1000) + 1
    const last = await until('300 more requests', async () => {
      const now = await look()
      return now.before.ended - first.after.ended > 300 && now
    })
    // Of those under way the proxy may have ended some that the generator has not; and the generator a few, which it
    // has given up.
    const givenUp = 16
    const underWay = first.after.underWay + last.after.underWay + givenUp
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
      const { rows } = await api<GoldenAnswer>(demo.base, `${path}&start=${start}&end=${end}`)
      const requests = rows[0]?.golden.requests ?? 0
      return requests > 300 && requests
    })
    const now = await counted()
    expect(shown).toBeLessThanOrEqual(now.ended + now.underWay - first.before.ended + givenUp)
  })
}
