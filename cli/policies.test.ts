import { describe, expect, test } from 'vitest'
import type { PolicyRow } from '#lib/api/policies.ts'
import type { SplitRow } from '#lib/api/splits.ts'
import { goldenRow, nothing, rowsReply, runAgainst } from './test-server.ts'

const { golden, tcp } = goldenRow('payments/deployment/payments')
const identity = (name: string, namespace: string) =>
  `${name}.${namespace}.serviceaccount.identity.linkerd.cluster.local`
const none = { count: 0, perSecond: 0 }
const row: PolicyRow = {
  id: 'payments/server/payments-http:8080',
  namespace: 'payments',
  server: { kind: 'server', name: 'payments-http' },
  port: '8080',
  protocol: 'HTTP/1',
  workloads: [{ namespace: 'payments', kind: 'deployment', name: 'payments' }],
  pods: { meshed: 2, total: 2 },
  routes: ['charges'],
  rateLimit: { name: 'calm', totalPerSecond: 10, identityPerSecond: null, overrides: 1 },
  waysIn: [
    {
      authorization: { kind: 'authorizationpolicy', name: 'checkout-only' },
      route: null,
      clients: [identity('checkout', 'shop')],
      golden,
    },
    {
      authorization: { kind: 'authorizationpolicy', name: 'idle' },
      route: { kind: 'httproute', name: 'charges' },
      clients: [],
      golden: nothing.golden,
    },
  ],
  allowed: golden,
  tcp,
  denied: { count: 30, perSecond: 3 },
  limited: none,
  unrouted: { count: null, perSecond: null },
  refused: [
    {
      source: { namespace: 'batch', kind: 'deployment', name: 'scraper' },
      client: identity('scraper', 'batch'),
      tls: 'true',
      route: null,
      denied: 20,
      limited: 0,
      unrouted: 1,
    },
    {
      source: { namespace: '', kind: 'unmeshed', name: 'unmeshed' },
      client: '10.0.0.1',
      tls: 'no_tls_from_remote',
      route: { kind: 'httproute', name: 'refunds' },
      denied: 10,
      limited: 0,
      unrouted: 0,
    },
  ],
}
const open: PolicyRow = {
  ...row,
  id: 'shop/default/:9090',
  namespace: 'shop',
  server: { kind: 'default', name: '' },
  port: '9090',
  protocol: 'unknown',
  pods: { meshed: 0, total: 1 },
  routes: [],
  rateLimit: null,
  waysIn: [],
  allowed: { requests: null, rps: null, successRate: null, latencyMs: nothing.golden.latencyMs },
  denied: none,
  refused: [],
}

describe('policies prints', () => {
  test('a line for each port, and who was refused when wide', async () => {
    const { out, asked } = await runAgainst(rowsReply([row, open]), 'policies', '-A', '-o', 'wide')
    expect(out).toBe(
      [
        'NAMESPACE   SERVER          PORT   PROTOCOL   PODS   SUCCESS   ALLOWED   DENIED   LIMITED   NOT_FOUND   LATENCY_P50   LATENCY_P99   ROUTES    RATE_LIMIT',
        'payments    payments-http   8080   HTTP/1      2/2   100.00%    2.0rps   3.0rps    0.0rps           -         123ms         123ms   charges   calm (total 10/s, 1 overrides)',
        'shop        default:-       9090   unknown     0/1         -         -   0.0rps    0.0rps           -             -             -   -         -',
        '',
        'NAMESPACE   SERVER          ROUTE     REFUSED         CLIENT          TLS                  DENIED   LIMITED   NOT_FOUND',
        'payments    payments-http   -         batch/scraper   scraper.batch   true                     20         0           1',
        'payments    payments-http   refunds   unmeshed        10.0.0.1        no_tls_from_remote       10         0           0',
        '',
      ].join('\n'),
    )
    expect(asked).toEqual(['/api/v1/policies?resource=workload&namespace=_all'])
  })

  test('the ports of one workload, as JSON as the API has it', async () => {
    const { out, asked } = await runAgainst(
      rowsReply([row]),
      'policies',
      'deploy/payments',
      '-n',
      'payments',
      '-o',
      'json',
    )
    expect(JSON.parse(out)).toEqual([row])
    expect(asked).toEqual(['/api/v1/policies?resource=deployment%2Fpayments&namespace=payments'])
  })

  test.each([
    [['policies', 'svc/web'], 'expected a type that receives itself'],
    [['policies', 'deploy', 'sts'], 'expected one resource'],
    [['policies', 'deploy/web', '-A'], 'a name is of one namespace'],
    [['authz'], 'expected one resource, such as deploy/web, and got 0'],
    [['splits', 'ts/a'], 'expected no resource'],
  ])('why %j makes no sense', async (args, message) => {
    const { err, exit } = await runAgainst(rowsReply([]), ...args)
    expect([exit, err]).toEqual([2, expect.stringContaining(message)])
  })
})

describe('authz prints', () => {
  test('requests by server, route and authorization, with what each route refused', async () => {
    const { out } = await runAgainst(rowsReply([row]), 'viz', 'authz', 'deploy/payments', '-n', 'payments')
    expect(out).toBe(
      [
        'ROUTE     SERVER          AUTHORIZATION                       UNAUTHORIZED   SUCCESS      RPS   LATENCY_P50   LATENCY_P95   LATENCY_P99',
        'charges   payments-http   authorizationpolicy/idle                  0.0rps         -        -             -             -             -',
        'default   payments-http   authorizationpolicy/checkout-only         2.0rps   100.00%   2.0rps         123ms         123ms         123ms',
        'refunds   payments-http   -                                         1.0rps         -        -             -             -             -',
        '',
      ].join('\n'),
    )
  })

  test('JSON under the names of its columns', async () => {
    const { out } = await runAgainst(rowsReply([row]), 'authz', 'deploy', '-A', '-o', 'json')
    expect(JSON.parse(out)).toContainEqual({
      route: 'refunds',
      server: 'payments-http',
      authorization: '',
      unauthorized: 1,
      success: null,
      rps: null,
      latency_ms_p50: null,
      latency_ms_p95: null,
      latency_ms_p99: null,
    })
  })
})

test('splits prints the share asked for each backend beside the one seen', async () => {
  const split = (leaf: string, change: Partial<SplitRow>): SplitRow => ({
    id: `shop/canary ${leaf}`,
    namespace: 'shop',
    split: 'canary',
    apex: 'recommendations',
    leaf,
    weight: 90,
    asked: 0.9,
    seen: 0.8875,
    total: 80,
    golden,
    ...change,
  })
  const rows = [split('v1', {}), split('v2', { weight: 10, asked: 0.1, seen: null, golden: nothing.golden })]
  const { out, asked } = await runAgainst(rowsReply(rows), 'splits', '-A')
  expect(out).toBe(
    [
      'NAMESPACE   NAME     APEX              LEAF   WEIGHT    ASKED     SEEN   SUCCESS      RPS   LATENCY_P50   LATENCY_P95   LATENCY_P99',
      'shop        canary   recommendations   v1         90   90.00%   88.75%   100.00%   2.0rps         123ms         123ms         123ms',
      'shop        canary   recommendations   v2         10   10.00%        -         -        -             -             -             -',
      '',
    ].join('\n'),
  )
  expect(asked).toEqual(['/api/v1/splits?namespace=_all'])
})
