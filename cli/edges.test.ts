import { describe, expect, test } from 'vitest'
import type { Edge } from '#lib/api/edges.ts'
import { edge, nothing, rowsReply, runAgainst, runWith } from './test-server.ts'

const plain: Partial<Edge> = {
  clientId: '',
  serverId: '',
  secured: false,
  mtls: 'none',
  mtlsRatio: 0,
  reasons: ['not_provided_by_remote'],
}

const web = 'shop/deployment/web'
const users = 'shop/deployment/users'

describe('edges prints', () => {
  test('a wide table ordered by namespaces and names', async () => {
    const rows = [edge(web, users, nothing), edge('batch/cronjob/legacy-batch', web, { ...plain, denied: 7 })]
    const { exit, out, asked } = await runAgainst(rowsReply(rows), 'edges', 'deploy', '-A', '-o', 'wide')
    expect(exit).toBe(0)
    expect(out).toBe(
      [
        'SRC            DST     SRC_NS   DST_NS   CLIENT_ID   SERVER_ID       RPS   SUCCESS   LATENCY_P50   LATENCY_P95   LATENCY_P99   DENIED   SECURED',
        'legacy-batch   web     batch    shop     -           -            2.0rps   100.00%         123ms         123ms         123ms        7   Not Provided By Remote',
        'web            users   shop     shop     web.shop    users.shop        -         -             -             -             -        0   √',
        '',
      ].join('\n'),
    )
    expect(asked).toEqual(['/api/v1/edges?resource=deployment&namespace=_all'])
  })

  test('edges of namespaces without asking for one, and a dash where there is none', async () => {
    const rows = [edge('/namespace/shop', '/namespace/payments')]
    const { out, asked } = await runAgainst(rowsReply(rows), 'edges', 'ns')
    expect(out.split('\n')[1]).toMatch(/^shop {2,}payments {2,}- {2,}- /)
    expect(asked).toEqual(['/api/v1/edges?resource=namespace'])
  })

  test.each<[Partial<Edge>, string]>([
    [{ ...plain, reasons: ['something_new'] }, 'something_new'],
    [{ ...plain, reasons: [] }, 'Not Secured'],
    [{ ...plain, mtls: 'unknown', reasons: [] }, 'Unknown'],
    [{ ...plain, mtls: 'some', mtlsRatio: 0.99999 }, '99.99% Secured: Not Provided By Remote'],
  ])('no √ for what is not known to be secured: %j', async (change, words) => {
    const { out } = await runAgainst(rowsReply([edge(web, users, change)]), 'edges', 'deploy', '-n', 'shop')
    expect(out.split('\n')[1]).toBe(`web   users   shop     shop     ${words}`)
  })

  test("JSON under Linkerd's keys, and whole identities when trust domains differ", async () => {
    const other = 'pay.billing.serviceaccount.identity.linkerd.other.example'
    const { out } = await runAgainst(
      rowsReply([edge(web, users, { serverId: other })]),
      'edges',
      'deploy',
      '-A',
      '-o',
      'json',
    )
    expect(JSON.parse(out)).toEqual([
      {
        src: 'web',
        src_namespace: 'shop',
        dst: 'users',
        dst_namespace: 'shop',
        client_id: 'web.shop.serviceaccount.identity.linkerd.cluster.local',
        server_id: other,
        no_tls_reason: '',
        success: 1,
        rps: 2,
        latency_ms_p50: 123.4,
        latency_ms_p95: 123.4,
        latency_ms_p99: 123.4,
        denied: 0,
      },
    ])
  })

  test('the edges of one resource, and what they leave out on stderr', async () => {
    const reply = rowsReply([edge(web, users)], { note: 'Older numbers are not kept' })
    const { asked, out, err } = await runAgainst(reply, 'edges', 'deploy/web', '-n', 'shop')
    expect(asked).toEqual(['/api/v1/edges?resource=deployment%2Fweb&namespace=shop'])
    expect(out).toBe('SRC   DST     SRC_NS   DST_NS   SECURED\nweb   users   shop     shop     √\n')
    expect(err).toBe('Note: Older numbers are not kept\n')
  })

  test.each([
    ['all', ['cart', 'failing', 'plain', 'refused']],
    ['not-mtls', ['plain']],
    ['denied', ['refused']],
    ['failing', ['failing']],
  ])('only those that --only %s lets through', async (only, shown) => {
    const { golden } = edge(web, users)
    const rows = [
      edge(web, 'shop/deployment/plain', plain),
      edge(web, 'shop/deployment/refused', { denied: 120, golden: { ...golden, successRate: 0 } }),
      edge(web, 'shop/deployment/failing', { golden: { ...golden, successRate: 0.5 } }),
      edge(web, 'shop/deployment/cart'),
    ]
    const { out } = await runAgainst(rowsReply(rows), 'edges', 'deploy', '-n', 'shop', '--only', only)
    const lines = out.split('\n').slice(1, -1)
    expect(lines.map(line => line.split(/ +/)[1])).toEqual(shown)
  })

  test('that there are none, on stderr', async () => {
    const outcome = await runAgainst(rowsReply([]), 'viz', 'edges', 'po', '-n', 'shop')
    expect(outcome).toMatchObject({ exit: 0, out: '', err: 'No edges found.\n' })
  })
})

test.each([
  [[]],
  [['deploy', 'po']],
  [['deploy/web', '-A']],
  [['deploy', '--only', 'bad']],
  [['svc/web']],
  [['svc']],
  [['all']],
  [['authority']],
])('edges refuses %j with exit code 2', async args => {
  expect(await runWith({}, 'edges', ...args)).toMatchObject({ exit: 2, out: '' })
})
