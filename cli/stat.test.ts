import { describe, expect, test } from 'vitest'
import {
  fullCoverage,
  goldenRow,
  nothing,
  type Reply,
  rowsReply,
  runAgainst,
  runWith,
  span,
} from './test-server.ts'

const emoji = goldenRow('emojivoto/deployment/emoji')

describe('stat prints', () => {
  test('a wide table as Linkerd does', async () => {
    const { exit, out, err, asked } = await runAgainst(
      rowsReply([emoji]),
      'stat',
      'deploy',
      '-n',
      'emojivoto',
      '-o',
      'wide',
    )
    expect({ exit, err }).toEqual({ exit: 0, err: '' })
    expect(out).toBe(
      [
        'NAME    MESHED   SUCCESS      RPS   LATENCY_P50   LATENCY_P95   LATENCY_P99   TCP_CONN   READ_BYTES/SEC   WRITE_BYTES/SEC',
        'emoji      1/2   100.00%   2.0rps         123ms         123ms         123ms        123           2.0B/s            2.0B/s',
        '',
      ].join('\n'),
    )
    expect(asked).toEqual(['/api/v1/golden?resource=deployment&namespace=emojivoto'])
  })

  test('namespaces in order with -A, `-` without traffic, and never 100 % for less', async () => {
    const golden = { ...emoji.golden, successRate: 0.999999, latencyMs: { p50: 0.2, p95: 1.6, p99: 50_000 } }
    const rows = [goldenRow('b/deployment/web', nothing), goldenRow('a/deployment/web', { golden })]
    const { out } = await runAgainst(rowsReply(rows), 'viz', 'stat', 'deployments', '-A')
    expect(out).toBe(
      [
        'NAMESPACE   NAME   MESHED   SUCCESS      RPS   LATENCY_P50   LATENCY_P95   LATENCY_P99   TCP_CONN',
        'a           web       1/2    99.99%   2.0rps          <1ms           2ms      >50000ms        123',
        'b           web       1/2         -        -             -             -             -          -',
        '',
      ].join('\n'),
    )
  })

  test('a table for each type, names with their type, and the note about services on stderr', async () => {
    const reply: Reply = url =>
      url.searchParams.get('resource') === 'service'
        ? rowsReply([goldenRow('shop/service/web', { meshed: { running: 0, total: 0 } })], {
            note: 'Counted at callers',
          })(url)
        : rowsReply([goldenRow('shop/deployment/web')])(url)
    const { out, err } = await runAgainst(reply, 'stat', 'deploy,svc', '-n', 'shop')
    const [deployments, services] = out.split('\n\n')
    expect(deployments).toMatch(/^NAME .*\ndeploy\/web +1\/2 /)
    expect(services).toMatch(/^NAME .*\nsvc\/web +- /)
    expect(err).toBe('Note: Counted at callers\n')
  })

  test("JSON under Linkerd's keys, with meshed, unrounded", async () => {
    const golden = { ...emoji.golden, latencyMs: { p50: 0.25, p95: 1.75, p99: null } }
    const { out } = await runAgainst(rowsReply([{ ...emoji, golden }]), 'stat', 'deploy', '-A', '-o', 'json')
    expect(JSON.parse(out)).toEqual([
      {
        namespace: 'emojivoto',
        kind: 'deployment',
        name: 'emoji',
        meshed: '1/2',
        success: 1,
        rps: 2,
        latency_ms_p50: 0.25,
        latency_ms_p95: 1.75,
        latency_ms_p99: null,
        tcp_open_connections: 123,
        tcp_read_bytes_rate: 2,
        tcp_write_bytes_rate: 2,
      },
    ])
  })

  test('what a workload sent that received nothing, marked', async () => {
    const sent = { ...emoji.golden, successRate: 0.5 }
    const rows = [goldenRow('emojivoto/deployment/vote-bot', { ...nothing, tcp: emoji.tcp, sent }), emoji]
    const table = await runAgainst(rowsReply(rows), 'stat', 'deploy', '-n', 'emojivoto')
    expect(table.out).toBe(
      [
        'NAME       MESHED   SUCCESS      RPS   LATENCY_P50   LATENCY_P95   LATENCY_P99   TCP_CONN',
        'emoji         1/2   100.00%   2.0rps         123ms         123ms         123ms        123',
        'vote-bot      1/2    50.00%   2.0rps         123ms         123ms         123ms        123',
        '',
      ].join('\n'),
    )
    expect(table.err).toBe(
      'Note: Nothing was received by emojivoto/deploy/vote-bot: success, rate and latency there are of what was sent\n',
    )
    const wide = await runAgainst(rowsReply(rows), 'stat', 'deploy', '-n', 'emojivoto', '-o', 'wide')
    expect(wide.out.split('\n').map(line => line.split(/ {2,}/).at(10))).toEqual([
      'NOTE',
      undefined,
      'sent',
      undefined,
    ])
    const json = await runAgainst(rowsReply(rows), 'stat', 'deploy', '-n', 'emojivoto', '-o', 'json')
    expect(JSON.parse(json.out)).toMatchObject([
      { name: 'emoji', success: 1, rps: 2 },
      { name: 'vote-bot', success: null, rps: 0, sent: { success: 0.5, rps: 2, latency_ms_p99: 123.4 } },
    ])
    expect({ emoji: JSON.parse(json.out)[0].sent, err: json.err }).toEqual({ emoji: undefined, err: '' })
  })

  test('unmeshed resources only when asked', async () => {
    const reply = rowsReply([goldenRow('b/cronjob/legacy', { ...nothing, meshed: { running: 0, total: 1 } })])
    expect(await runAgainst(reply, 'stat', 'cj', '-n', 'b')).toMatchObject({
      out: '',
      err: 'No traffic found.\n',
      exit: 0,
    })
    expect((await runAgainst(reply, 'stat', 'cj', '-n', 'b', '--unmeshed')).out).toContain('legacy      0/1')
    expect((await runAgainst(reply, 'stat', 'cj', '-n', 'b', '-o', 'json')).out).toBe('[]\n')
  })

  test('a warning that names the missing proxies on stderr, and the numbers all the same', async () => {
    const missing = [
      { namespace: 'shop', pod: 'web-1', since: span.end, reason: 'connection refused' },
      { namespace: 'shop', pod: 'web-2', since: null, reason: 'no answer yet' },
    ]
    const coverage = { ...fullCoverage, answered: 1, missing }
    const { out, err, exit } = await runAgainst(rowsReply([emoji], { coverage }), 'stat', 'deploy', '-A')
    expect({ exit, lines: out.split('\n').length }).toEqual({ exit: 0, lines: 3 })
    expect(err).toBe(
      'Warning: 2 of 3 proxies did not answer, the numbers lack theirs: shop/web-1 (not heard of since ' +
        '2026-01-01T00:01:00Z: connection refused), shop/web-2 (never heard of: no answer yet)\n',
    )
  })
})

describe('stat asks', () => {
  test.each([
    [
      ['deploy/web', '-n', 'shop', '--to', 'svc/users', '--to-namespace', 'b', '-t', '5m'],
      ['resource=deployment%2Fweb&namespace=shop&to=svc%2Fusers&toNamespace=b&window=5m'],
    ],
    [
      ['deploy', '-n', 'shop', '--from', 'deploy/web', '-l', 'app=x'],
      ['resource=deployment&namespace=shop&from=deploy%2Fweb&selector=app%3Dx'],
    ],
    [['ns,mesh'], ['resource=namespace', 'resource=mesh']],
    [
      ['po', 'a', 'b'],
      ['resource=pod%2Fa&namespace=default', 'resource=pod%2Fb&namespace=default'],
    ],
  ])('%j', async (args, queries) => {
    const { asked } = await runAgainst(rowsReply([]), 'stat', ...args)
    expect(asked.toSorted()).toEqual(queries.map(query => `/api/v1/golden?${query}`).toSorted())
  })

  test('nine types for all', async () => {
    expect((await runAgainst(rowsReply([]), 'stat', 'all', '-A')).asked).toHaveLength(9)
  })
})

describe('stat refuses with exit code 2', () => {
  test.each([
    [[], 'kind'],
    [['banana'], '"banana"'],
    [['deploy', '--bogus'], "'--bogus'"],
    [['deploy', '-o', 'yaml'], 'table, wide or json'],
    [['deploy', '--to', 'svc/a', '--from', 'deploy/b'], '--to and --from'],
    [['deploy', '--from', 'svc/a'], 'a service only receives'],
    [['deploy', '--to-namespace', 'b'], '--to'],
    [['deploy/web', '-A'], 'without a name'],
    [['deploy', '-A', '-n', 'shop'], '--namespace'],
    [['all', 'deploy'], "'all'"],
    [['deploy/a', 'deploy/a'], 'once'],
  ])('%j', async (args, words) => {
    const { exit, out, err } = await runWith({ MESHSCOPE_API: '127.0.0.1:9' }, 'stat', ...args)
    expect({ exit, out }).toEqual({ exit: 2, out: '' })
    expect(err).toContain(words)
    expect(err).toContain('See meshscope stat --help')
  })
})

describe('stat fails with exit code 1', () => {
  test("with the server's own words, when it refuses", async () => {
    const error = { code: 'NAMESPACE_UNKNOWN', message: 'There is no namespace "nope"', hint: 'Known: shop' }
    const { exit, out, err } = await runAgainst(
      () => ({ status: 404, body: { error } }),
      'stat',
      'deploy',
      '-n',
      'nope',
    )
    expect({ exit, out, err }).toEqual({
      exit: 1,
      out: '',
      err: 'Error: There is no namespace "nope"\nHint: Known: shop\n',
    })
  })

  test('naming the address, when nothing listens there', async () => {
    const { exit, err } = await runWith({}, 'stat', 'deploy', '--api-addr', '127.0.0.1:2')
    expect(exit).toBe(1)
    expect(err).toContain('Cannot reach meshscope at http://127.0.0.1:2: ')
    expect(err).toContain('--api-addr or MESHSCOPE_API')
  })

  test.each(['not json', { rows: [{}] }])('when something else answers: %j', async body => {
    const { exit, err } = await runAgainst(() => ({ status: 200, body }), 'stat', 'deploy')
    expect(exit).toBe(1)
    expect(err).toContain('Cannot read the answer')
  })

  test('when the address is none', async () => {
    expect(await runWith({}, 'stat', 'deploy', '--api-addr', 'http://')).toMatchObject({ exit: 1 })
  })
})
