import { expect, test } from 'vitest'
import { defaultProxyPorts, type Instance } from '#lib/resources/mesh-state.ts'
import type { CellDelta } from '#server/store/delta.ts'
import { allAtOnce } from './pieces.ts'
import { TargetCounters } from './target-counters.ts'

const web: Instance = {
  namespace: 'shop',
  name: 'web-0',
  ip: '127.18.0.2',
  workload: { namespace: 'shop', kind: 'deployment', name: 'web' },
  serviceAccount: 'web',
  labels: {},
  annotations: {},
  meshed: true,
  identity: 'web.shop.serviceaccount.identity.linkerd.cluster.local',
  controlPlaneNamespace: 'linkerd',
  zone: null,
  ports: [],
  proxyPorts: defaultProxyPorts,
}

const collectorStartMs = 1_000_000

function counters() {
  const target = new TargetCounters(web, collectorStartMs)
  let endMs = collectorStartMs
  return (...lines: string[]) => {
    endMs += 5_000
    return allAtOnce(target.apply(Buffer.from(`${lines.join('\n')}\n# EOF\n`), endMs))
  }
}

const started = (seconds: number | string) => `process_start_time_seconds ${seconds}`
const inbound = (rest: string, port = 8080) =>
  `direction="inbound",target_addr="127.18.0.2:${port}",target_ip="127.18.0.2",target_port="${port}",tls="true",client_id="a.b"${rest}`
const responses = (count: number | string, labels = inbound(',status_code="200",classification="success"')) =>
  `response_total{${labels}} ${count}`
const successes = (cells: readonly CellDelta[]) =>
  cells.map(cell => cell.success ?? 0).reduce((a, b) => a + b, 0)

test('apply() only begins to count, when the first scrape finds an old process', () => {
  const scrape = counters()
  const first = scrape(started(10), responses(500))
  expect(first.delta).toEqual({
    namespace: 'shop',
    pod: 'web-0',
    startMs: collectorStartMs + 5_000,
    endMs: collectorStartMs + 5_000,
    cells: [],
  })
  const second = scrape(started(10), responses(512))
  expect(second.delta).toMatchObject({ startMs: collectorStartMs + 5_000, endMs: collectorStartMs + 10_000 })
  expect(successes(second.delta.cells)).toBe(12)
})

test('apply() counts from zero, when the process started after the collector', () => {
  const scrape = counters()
  const { delta } = scrape(started(1_002), responses(500))
  expect(delta.startMs).toBe(1_002_000)
  expect(successes(delta.cells)).toBe(500)
})

test('apply() has no cells, when nothing changed', () => {
  const scrape = counters()
  scrape(started(10), responses(500))
  expect(scrape(started(10), responses(500)).delta.cells).toEqual([])
})

test('apply() tells responses by status, those of a class and of callers without an identity too', () => {
  const scrape = counters()
  const labelled = (rest: string) => inbound(`,${rest}`)
  const lines = (each: number) => [
    started(10),
    responses(each, labelled('status_code="200",classification="success"')),
    responses(2 * each, labelled('status_code="200",grpc_status="14",classification="failure"')),
    responses(3 * each, labelled('status_code="",error="connect",classification="failure"')),
    `route_actual_response_total{direction="outbound",dst="users.shop.svc.cluster.local:80",status_code="200",classification="success"} ${each}`,
    `route_response_total{direction="outbound",dst="users.shop.svc.cluster.local:80",status_code="200",classification="success"} ${4 * each}`,
  ]
  scrape(...lines(0))
  const { cells } = scrape(...lines(1)).delta
  expect(cells.map(({ key, statuses }) => [key.view, Object.fromEntries(statuses ?? [])])).toEqual([
    ['inbound', { 'success/200/': 1, 'failure/200/14': 2, 'failure/unknown/': 3 }],
    ['route', { 'success/200/': 4 }],
  ])
})

test('apply() counts a counter from zero, when it fell', () => {
  const scrape = counters()
  scrape(responses(500))
  expect(successes(scrape(responses(7)).delta.cells)).toBe(7)
})

test('apply() counts everything from zero and since its start, when the process is another', () => {
  const scrape = counters()
  scrape(started(10), responses(500))
  const { delta } = scrape(started(1_008), responses(500), 'tcp_open_total{direction="inbound",peer="src"} 3')
  expect(delta.startMs).toBe(1_008_000)
  expect(successes(delta.cells)).toBe(500)
  expect(delta.cells.find(cell => cell.tcpOpened)?.tcpOpened).toBe(3)
})

test('apply() counts a series from zero, when it is new, or was absent and is back', () => {
  const scrape = counters()
  scrape(started(10), responses(500))
  expect(scrape(started(10)).delta.cells).toEqual([])
  expect(successes(scrape(started(10), responses(503)).delta.cells)).toBe(503)
})

test('apply() does not take a series for absent, when there were unreadable lines', () => {
  const scrape = counters()
  scrape(started(10), responses(500))
  const torn = scrape(started(10), 'response_total{direc')
  expect(torn.delta.cells).toEqual([])
  expect(torn).toMatchObject({
    badSamples: 1,
    firstProblem: 'line 2: expected "=" after label direc, got the end of the line',
  })
  expect(successes(scrape(started(10), responses(503)).delta.cells)).toBe(3)
})

test.each(['NaN', '-1', '1.5', '+Inf', '1e300'])(
  'apply() passes over the value %s and counts it as bad',
  value => {
    const scrape = counters()
    scrape(started(10), responses(500))
    const bad = scrape(started(10), responses(value))
    expect(bad.delta.cells).toEqual([])
    expect(bad.badSamples).toBe(1)
    expect(successes(scrape(started(10), responses(504)).delta.cells)).toBe(4)
  },
)

test('apply() names the first series without a usable value as long as it has none', () => {
  const scrape = counters()
  const good = responses(1, inbound(',status_code="500",classification="failure"'))
  scrape(started(10), good, responses(500))
  for (let i = 0; i < 3; i++) {
    expect(scrape(started(10), good, responses('NaN'))).toMatchObject({
      badSamples: 1,
      firstProblem: `line 3: expected a whole number, 0 or more, got "NaN" as the value of ${responses('').trim()}`,
    })
  }
  const gone = { badSamples: 0, firstProblem: null }
  expect(scrape(started(10), good, responses(501))).toMatchObject(gone)
  expect(scrape(started('NaN'), good)).toMatchObject({ badSamples: 1 })
  scrape(started(10), good, responses('NaN'))
  expect(scrape(started(10), good)).toMatchObject(gone)
})

test('apply() begins to count a series at its first good value, when it began with a bad one', () => {
  const scrape = counters()
  scrape(started(10), responses('NaN'))
  expect(successes(scrape(started(10), responses(500)).delta.cells)).toBe(0)
  expect(successes(scrape(started(10), responses(502)).delta.cells)).toBe(2)
})

test('apply() refuses a series that is printed twice', () => {
  const scrape = counters()
  expect(scrape(started(1_001), responses(5), responses(5))).toMatchObject({ badSamples: 1 })
  const again = scrape(started(1_001), responses(6), responses(6))
  expect(successes(again.delta.cells)).toBe(1)
  expect(again.badSamples).toBe(1)
})

test('apply() adds the buckets of all statuses, not cumulated', () => {
  const scrape = counters()
  const bucket = (status: number, le: string, count: number) =>
    `response_latency_ms_bucket{${inbound(`,status_code="${status}",le="${le}"`)}} ${count}`
  const histogram = (status: number, a: number, b: number, all: number) => [
    bucket(status, '1', a),
    bucket(status, '10', b),
    bucket(status, '+Inf', all),
  ]
  scrape(...histogram(200, 1, 5, 6))
  const latency = (...lines: string[]) => scrape(...lines).delta.cells[0]?.latency
  expect(latency(...histogram(200, 2, 8, 10), ...histogram(500, 0, 1, 1))).toEqual({
    boundsMs: [1, 10],
    counts: [1, 3, 1],
  })
  expect(latency(...histogram(200, 0, 1, 20), ...histogram(500, 0, 1, 1))).toEqual({
    boundsMs: [1, 10],
    counts: [0, 1, 19],
  })
  expect(latency(...histogram(200, 5, 3, 20))).toBeUndefined()
})

test('apply() tells the open connections while there are any, and once when the last is gone', () => {
  const scrape = counters()
  const open = (count: number, group: string) =>
    `tcp_open_connections{direction="inbound",peer="src",target_port="80",srv_group="${group}",tls="disabled"} ${count}`
  const told = (...lines: string[]) => scrape(...lines).delta.cells.map(cell => cell.tcpOpen)
  expect(told(open(2, 'a'), open(1, 'b'))).toEqual([3])
  expect(told(open(2, 'a'), open(1, 'b'))).toEqual([3])
  expect(told(open(2, 'a'))).toEqual([2])
  expect(told()).toEqual([0])
  expect(told()).toEqual([])
})

test('apply() leaves out the own admin port and the sides of connections that are not of the mesh', () => {
  const scrape = counters()
  const { delta } = scrape(
    started(1_001),
    responses(5, inbound(',classification="success"', 4191)),
    `tcp_open_total{${inbound(',peer="src"', 4191)}} 5`,
    'tcp_open_total{direction="inbound",peer="dst",tls="no_identity",no_tls_reason="loopback"} 5',
    'tcp_open_total{direction="outbound",peer="src",target_port="80"} 5',
    'inbound_http_authz_deny_total{target_port="4191"} 5',
  )
  expect(delta.cells).toEqual([])
})

test('apply() names the destination of outbound traffic as discovery labelled it', () => {
  const scrape = counters()
  const outbound = (labels: string) =>
    `response_total{direction="outbound",authority="users.shop.svc.cluster.local:80",target_addr="10.1.0.5:8080",tls="true",server_id="users.id",${labels}classification="failure"} 2`
  const [owned, job, bare, unknown] = scrape(
    started(1_001),
    outbound('dst_namespace="shop",dst_service="users",dst_deployment="users",dst_pod="users-0",'),
    outbound('dst_namespace="batch",dst_service="jobs",dst_k8s_job="nightly",dst_pod="nightly-x",'),
    outbound('dst_namespace="shop",dst_service="users",dst_pod="users-1",'),
    outbound(''),
  ).delta.cells
  expect(owned).toMatchObject({
    failure: 2,
    key: {
      view: 'outbound',
      direction: 'outbound',
      namespace: 'shop',
      kind: 'deployment',
      name: 'web',
      pod: 'web-0',
      peerNamespace: 'shop',
      peerKind: 'deployment',
      peerName: 'users',
      peerPod: 'users-0',
      peerId: 'users.id',
      service: 'shop/users',
      authority: 'users.shop.svc.cluster.local:80',
      port: '8080',
      tls: 'true',
    },
  })
  expect(job?.key).toMatchObject({ peerKind: 'job', peerName: 'nightly', service: 'batch/jobs' })
  expect(bare?.key).toMatchObject({ peerKind: 'pod', peerName: 'users-1' })
  expect(unknown?.key).toMatchObject({ peerKind: '', peerName: '', service: '' })
})

test('apply() keeps routes, attempts, callers and refusals in their views', () => {
  const scrape = counters()
  const caller = 'target_port="8080",tls="no_identity",no_tls_reason="no_tls_from_remote"'
  const dst = 'direction="outbound",dst="users.shop.svc.cluster.local:80"'
  const { cells } = scrape(
    started(1_001),
    `route_response_total{${dst},rt_route="GET /a",classification="success"} 3`,
    `route_actual_response_total{${dst},rt_route="GET /a",classification="failure"} 4`,
    `route_response_total{${dst},classification="success"} 5`,
    `meshscope_inbound_client_response_total{client_ip="127.18.9.9",${caller},classification="success"} 6`,
    `inbound_http_authz_deny_total{${caller}} 7`,
    `inbound_tcp_authz_deny_total{target_port="8080",tls="true",client_id="evil"} 8`,
  ).delta
  expect(cells).toHaveLength(5)
  expect(cells[0]).toMatchObject({
    success: 3,
    actualFailure: 4,
    key: { view: 'route', route: 'GET /a', service: 'shop/users' },
  })
  expect(cells[1]).toMatchObject({
    success: 5,
    key: { route: '', authority: 'users.shop.svc.cluster.local:80' },
  })
  expect(cells[2]).toMatchObject({
    success: 6,
    key: { view: 'caller', peerId: '127.18.9.9', tls: 'no_tls_from_remote' },
  })
  expect(cells[3]).toMatchObject({ denied: 7, key: { view: 'denied', peerId: '' } })
  expect(cells[4]).toMatchObject({ denied: 8, key: { view: 'denied', peerId: 'evil' } })
})

test('apply() counts a refusal once, when the proxy also names the address of the caller', () => {
  const scrape = counters()
  const { cells } = scrape(
    started(1_001),
    'inbound_http_authz_deny_total{target_port="8080",tls="disabled"} 7',
    'meshscope_inbound_client_denied_total{client_ip="127.18.9.9",target_port="8080",tls="disabled"} 7',
    'inbound_http_local_ratelimit_total{target_port="8080",tls="disabled",ratelimit_scope="total"} 6',
    'meshscope_inbound_client_limited_total{client_ip="127.18.9.8",target_port="8080",tls="disabled"} 6',
    'inbound_http_route_not_found_total{target_port="8080",tls="disabled"} 5',
    'meshscope_inbound_client_unrouted_total{client_ip="127.18.9.8",target_port="8080",tls="disabled"} 5',
  ).delta
  expect(cells).toMatchObject([
    { denied: 7, key: { view: 'denied', peerId: '127.18.9.9' } },
    { limited: 6, unrouted: 5, key: { view: 'limited', peerId: '127.18.9.8' } },
  ])
})

test('apply() says which policy objects let requests in, or refused them', () => {
  const scrape = counters()
  const named = (prefix: string, kind: string, name: string) =>
    `${prefix}_kind="${kind}",${prefix}_name="${name}"`
  const srv = named('srv', 'server', 'web-http')
  const authz = named('authz', 'authorizationpolicy', 'readers')
  const route = named('route', 'httproute', 'reads')
  const caller = 'target_port="8080",tls="true",client_id="a.b"'
  const { cells } = scrape(
    started(1_001),
    responses(3, inbound(`,${srv},${route},${authz},status_code="200",classification="success"`)),
    responses(
      2,
      inbound(`,${srv},${named('route', 'default', 'default')},${authz},classification="success"`),
    ),
    `inbound_http_authz_deny_total{${caller},${srv},${route}} 4`,
    `inbound_tcp_authz_terminate_total{${caller},${srv}} 5`,
    `inbound_http_local_ratelimit_total{${caller},${srv},ratelimit_scope="total"} 6`,
    `inbound_http_local_ratelimit_total{${caller},${srv},ratelimit_scope="identity"} 1`,
    `inbound_http_route_not_found_total{${caller},${srv}} 8`,
  ).delta
  const server = 'server/web-http'
  expect(cells).toMatchObject([
    { success: 3, key: { server, route: 'httproute/reads', authorization: 'authorizationpolicy/readers' } },
    { success: 2, key: { server, route: '', authorization: 'authorizationpolicy/readers' } },
    { denied: 4, key: { view: 'denied', server, route: 'httproute/reads', authorization: '' } },
    { denied: 5, key: { view: 'denied', server, route: '' } },
    { limited: 7, unrouted: 8, key: { view: 'limited', server, peerId: 'a.b' } },
  ])
})
