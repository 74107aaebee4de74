import { describe, expect, test } from 'vitest'
import type { RouteRow } from '#lib/api/routes.ts'
import { fullCoverage, goldenRow, nothing, runAgainst, runWith, span } from './test-server.ts'

const { golden } = goldenRow('shop/deployment/web')

function row(route: string, service: string, change: Partial<RouteRow> = {}): RouteRow {
  return {
    id: `shop/service/${service} ${route}`,
    route,
    service,
    namespace: 'shop',
    effective: golden,
    actual: { ...golden, rps: 3, successRate: 0.5, latencyMs: { p50: null, p95: null, p99: null } },
    retryable: false,
    timeoutMs: null,
    ...change,
  }
}

const answer = (rows: readonly unknown[]) => ({ status: 200, body: { span, coverage: fullCoverage, rows } })

describe('routes prints', () => {
  test('a table ordered by service and route', async () => {
    const rows = [row('GET /b', 'users'), row('[DEFAULT]', 'cart', { effective: nothing.golden })]
    const { exit, out, asked } = await runAgainst(() => answer(rows), 'routes', 'svc/users', '-n', 'shop')
    expect(exit).toBe(0)
    expect(out).toBe(
      [
        'ROUTE       SERVICE   SUCCESS      RPS   LATENCY_P50   LATENCY_P95   LATENCY_P99',
        '[DEFAULT]   cart            -        -             -             -             -',
        'GET /b      users     100.00%   2.0rps         123ms         123ms         123ms',
        '',
      ].join('\n'),
    )
    expect(asked).toEqual(['/api/v1/routes?resource=service%2Fusers&namespace=shop'])
  })

  test('attempts beside what came of them, with --to and wide, over a time', async () => {
    const what = ['deploy/web', '-n', 'shop', '--to', 'svc/users', '-o', 'wide']
    const time = ['--start', '2026-01-01T00:00:00Z', '--end', '2026-01-01T00:05:00Z']
    const reply = () => answer([row('GET /b', 'users')])
    const { out, asked } = await runAgainst(reply, 'routes', ...what, ...time)
    expect(out.split('\n').map(line => line.split(/ {2,}/).slice(2, 6))).toEqual([
      ['EFFECTIVE_SUCCESS', 'EFFECTIVE_RPS', 'ACTUAL_SUCCESS', 'ACTUAL_RPS'],
      ['100.00%', '2.0rps', '50.00%', '3.0rps'],
      [],
    ])
    const url = new URL(asked[0] ?? '', 'http://localhost')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      resource: 'deployment/web',
      namespace: 'shop',
      to: 'svc/users',
      start: '2026-01-01T00:00:00Z',
      end: '2026-01-01T00:05:00Z',
    })
  })

  test('attempts, retries and timeouts of a service, with wide alone', async () => {
    const rows = [
      row('GET /b', 'users', { retryable: true, timeoutMs: 300 }),
      row('[DEFAULT]', 'users', { actual: nothing.golden }),
    ]
    const { out } = await runAgainst(() => answer(rows), 'routes', 'svc/users', '-o', 'wide')
    expect(out).toBe(
      [
        'ROUTE       SERVICE   EFFECTIVE_SUCCESS   EFFECTIVE_RPS   ACTUAL_SUCCESS   ACTUAL_RPS   LATENCY_P50   LATENCY_P95   LATENCY_P99   RETRYABLE   TIMEOUT',
        'GET /b      users               100.00%          2.0rps           50.00%       3.0rps         123ms         123ms         123ms   yes           300ms',
        '[DEFAULT]   users               100.00%          2.0rps                -            -         123ms         123ms         123ms   no                -',
        '',
      ].join('\n'),
    )
  })

  test('a table for each resource of a type, and JSON by its name', async () => {
    const reply = (url: URL) =>
      url.pathname.endsWith('/golden')
        ? answer([goldenRow('shop/deployment/web'), goldenRow('shop/deployment/idle')])
        : answer(url.searchParams.get('resource') === 'deployment/web' ? [row('GET /b', 'web')] : [])
    const { out } = await runAgainst(reply, 'routes', 'deploy', '-n', 'shop')
    expect(out.split('\n')[0]).toBe('==> deploy/web <==')
    const json = await runAgainst(reply, 'routes', 'deploy', '-n', 'shop', '-o', 'json')
    expect(JSON.parse(json.out)).toEqual({
      'deploy/web': [
        {
          route: 'GET /b',
          authority: 'web',
          success: 1,
          rps: 2,
          actual_success: 0.5,
          actual_rps: 3,
          latency_ms_p50: 123.4,
          latency_ms_p95: 123.4,
          latency_ms_p99: 123.4,
          retryable: false,
          timeout_ms: null,
        },
      ],
    })
  })

  test('that there are none, on stderr', async () => {
    const outcome = await runAgainst(() => answer([]), 'viz', 'routes', 'svc/users')
    expect(outcome).toMatchObject({ exit: 0, out: '', err: 'No routes found.\n' })
  })
})

test.each([
  [[]],
  [['svc/a', 'svc/b']],
  [['svc/users', '-A']],
  [['svc/users', '--to-namespace', 'shop']],
  [['svc/users', '--start', '1']],
  [['svc/users', '-t', '1m', '--start', '1', '--end', '2']],
])('routes refuses %j with exit code 2', async args => {
  expect(await runWith({}, 'routes', ...args)).toMatchObject({ exit: 2, out: '' })
})

test.each([
  [[]],
  [['deploy/web', '--to', 'nothing/x']],
  [['deploy/web', '--to-namespace', 'shop']],
  [['deploy/web', '--scheme', 'ftp']],
  [['deploy/web', '--max-rps', 'many']],
  [['deploy/web', '--max-rps', '9000']],
])('tap refuses %j with exit code 2', async args => {
  expect(await runWith({}, 'tap', ...args)).toMatchObject({ exit: 2, out: '' })
})

test('tap says that nobody answers, with exit code 1', async () => {
  const { exit, err } = await runWith({ MESHSCOPE_API: '127.0.0.1:1' }, 'tap', 'deploy/web')
  expect(exit).toBe(1)
  expect(err).toMatch(/^Error: Cannot reach meshscope at http:\/\/127\.0\.0\.1:1: .*ECONNREFUSED/)
})
