import { expect, test } from 'vitest'
import { defaultRef } from '#lib/policy/default-policy.ts'
import { DEFAULT_ROUTE } from '#lib/policy/policy-route.ts'
import { ProxyTelemetry } from './proxy-telemetry.ts'
import type { InboundHttpLabels, OutboundLabels, Outcome } from './telemetry.ts'

const calm = { group: 'policy.linkerd.io', kind: 'httplocalratelimitpolicy', name: 'calm' }
const ok: Outcome = { status: 200, failure: false, grpcStatus: '', error: '' }
const broken: Outcome = { status: 503, failure: true, grpcStatus: '', error: '' }
const policy = defaultRef('all-unauthenticated')
const meshed: InboundHttpLabels = {
  targetIp: '127.18.0.3',
  targetPort: 8080,
  tls: { kind: 'server', clientId: 'web.shop' },
  server: policy,
  clientIp: '127.18.0.2',
  route: DEFAULT_ROUTE,
}
const unmeshed: InboundHttpLabels = { ...meshed, tls: { kind: 'none', reason: 'no_tls_from_remote' } }
const outbound: OutboundLabels = {
  authority: 'catalog.shop.svc.cluster.local:80',
  targetIp: '127.18.0.3',
  targetPort: 8080,
  tls: { kind: 'client', serverId: 'catalog.shop' },
  destination: { service: 'catalog', namespace: 'shop', 'zone-name': 'a"b' },
}

function create({ nowMs = () => 1_000_000 }: { nowMs?: () => number } = {}): ProxyTelemetry {
  return new ProxyTelemetry({
    nowMs,
    retainIdleMs: 600_000,
    build: { version: '0.1.0', gitSha: 'abc', date: '2026-01-01' },
    processStats: () => ({
      startTimeSeconds: 1000.5,
      clockTimeSeconds: 1001,
      uptimeSeconds: 0.5,
      cpuSeconds: 0.25,
      residentMemoryBytes: 4096,
      virtualMemoryBytes: null,
      openFds: 7,
      maxFds: 1024,
      threads: 11,
    }),
  })
}

const render = (telemetry: ProxyTelemetry): string => Buffer.from(telemetry.render()).toString()
const linesOf = (telemetry: ProxyTelemetry, name: string): string[] =>
  render(telemetry)
    .split('\n')
    .filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))

test('render() prints nothing counted as the bare process families', () => {
  expect(render(create())).toBe(
    [
      '# HELP meshscope_metrics_held_back_total Counts not shown for want of room',
      '# TYPE meshscope_metrics_held_back_total counter',
      'meshscope_metrics_held_back_total 0',
      '# HELP control_identity_cert_refreshes Attempts to get a certificate, by result.',
      '# TYPE control_identity_cert_refreshes counter',
      'control_identity_cert_refreshes_total{result="ok"} 0',
      'control_identity_cert_refreshes_total{result="error"} 0',
      '# HELP process_start_time_seconds When the process started.',
      '# TYPE process_start_time_seconds gauge',
      '# UNIT process_start_time_seconds seconds',
      'process_start_time_seconds 1000.5',
      '# HELP process_clock_time_seconds What the clock says now.',
      '# TYPE process_clock_time_seconds gauge',
      '# UNIT process_clock_time_seconds seconds',
      'process_clock_time_seconds 1001',
      '# HELP process_uptime_seconds Time since the process started.',
      '# TYPE process_uptime_seconds counter',
      '# UNIT process_uptime_seconds seconds',
      'process_uptime_seconds_total 0.5',
      '# HELP process_cpu_seconds CPU time used, user and system.',
      '# TYPE process_cpu_seconds counter',
      '# UNIT process_cpu_seconds seconds',
      'process_cpu_seconds_total 0.25',
      '# HELP process_resident_memory_bytes Resident memory size.',
      '# TYPE process_resident_memory_bytes gauge',
      '# UNIT process_resident_memory_bytes bytes',
      'process_resident_memory_bytes 4096',
      '# HELP process_open_fds Open file descriptors.',
      '# TYPE process_open_fds gauge',
      'process_open_fds 7',
      '# HELP process_max_fds Most file descriptors it may open.',
      '# TYPE process_max_fds gauge',
      'process_max_fds 1024',
      '# HELP process_threads Threads of the process.',
      '# TYPE process_threads gauge',
      'process_threads 11',
      '# HELP proxy_build_info What this proxy was built from.',
      '# TYPE proxy_build_info gauge',
      'proxy_build_info{date="2026-01-01",git_sha="abc",profile="release",vendor="meshscope",version="0.1.0"} 1',
      '# EOF',
      '',
    ].join('\n'),
  )
})

test('inboundHttp() counts requests, ends and latencies with the labels of linkerd2-proxy, in its order', () => {
  const telemetry = create()
  const metrics = telemetry.inboundHttp(meshed, policy)
  for (const ms of [0.4, 7, 60_000]) {
    metrics.request()
    metrics.response(ok, ms, ms)
  }
  metrics.request()
  metrics.response(broken, 3, 3)
  const labels =
    'direction="inbound",target_addr="127.18.0.3:8080",target_ip="127.18.0.3",target_port="8080",' +
    'tls="true",client_id="web.shop",' +
    'srv_group="",srv_kind="default",srv_name="all-unauthenticated",srv_port="8080",' +
    'route_group="",route_kind="default",route_name="default",' +
    'authz_group="",authz_kind="default",authz_name="all-unauthenticated"'
  expect(linesOf(telemetry, 'request_total')).toEqual([`request_total{${labels}} 4`])
  expect(linesOf(telemetry, 'response_total')).toEqual([
    `response_total{${labels},status_code="200",classification="success",grpc_status="",error=""} 3`,
    `response_total{${labels},status_code="503",classification="failure",grpc_status="",error=""} 1`,
  ])
  const buckets = linesOf(telemetry, 'response_latency_ms_bucket').filter(line =>
    line.includes('status_code="200"'),
  )
  const cumulative = buckets.map(line => Number(line.slice(line.lastIndexOf(' ') + 1)))
  expect(cumulative).toEqual([
    ...Array.from({ length: 5 }, () => 1),
    ...Array.from({ length: 20 }, () => 2),
    3,
  ])
  expect(buckets[0]).toBe(`response_latency_ms_bucket{${labels},status_code="200",le="1"} 1`)
  expect(buckets.at(-1)).toBe(`response_latency_ms_bucket{${labels},status_code="200",le="+Inf"} 3`)
  expect(linesOf(telemetry, 'response_latency_ms_count')[0]).toBe(
    `response_latency_ms_count{${labels},status_code="200"} 3`,
  )
  expect(linesOf(telemetry, 'response_latency_ms_sum')[0]).toBe(
    `response_latency_ms_sum{${labels},status_code="200"} 60007`,
  )
  expect(render(telemetry)).not.toContain('meshscope_inbound_client_')
})

test('inboundHttp() also counts by address, when the caller has no identity', () => {
  const telemetry = create()
  const metrics = telemetry.inboundHttp(unmeshed, policy)
  metrics.request()
  metrics.response(ok, 2, 2)
  telemetry
    .inboundHttp({ ...meshed, tls: { kind: 'server', clientId: '' } }, policy)
    .response({ ...ok, error: 'unclassified' }, 2, 2)
  const base = 'client_ip="127.18.0.2",target_ip="127.18.0.3",target_port="8080"'
  expect(linesOf(telemetry, 'meshscope_inbound_client_response_total')).toEqual([
    `meshscope_inbound_client_response_total{${base},tls="no_identity",no_tls_reason="no_tls_from_remote",status_code="200",classification="success"} 1`,
    `meshscope_inbound_client_response_total{${base},tls="true",no_tls_reason="",status_code="200",classification="success"} 1`,
  ])
  expect(linesOf(telemetry, 'meshscope_inbound_client_response_latency_ms_count')).toHaveLength(2)
})

test('inboundHttp() counts callers beyond 256 addresses together', () => {
  const telemetry = create()
  for (let i = 0; i < 300; i++) {
    const clientIp = `127.19.${i >> 8}.${i & 255}`
    telemetry.inboundHttp({ ...unmeshed, clientIp }, policy).response(ok, 1, 1)
  }
  const lines = linesOf(telemetry, 'meshscope_inbound_client_response_total')
  expect(lines).toHaveLength(257)
  expect(lines.at(-1)).toContain('client_ip="other"')
  expect(lines.at(-1)).toMatch(/ 44$/)
})

test('outboundHttp() sorts the destination labels and escapes their values', () => {
  const telemetry = create()
  telemetry.outboundHttp(outbound).request()
  expect(linesOf(telemetry, 'request_total')).toEqual([
    'request_total{direction="outbound",authority="catalog.shop.svc.cluster.local:80",' +
      'target_addr="127.18.0.3:8080",target_ip="127.18.0.3",target_port="8080",' +
      'tls="true",server_id="catalog.shop",' +
      'dst_namespace="shop",dst_service="catalog",dst_zone_name="a\\"b"} 1',
  ])
})

test('route() and routeActual() count what the client saw apart from the attempts', () => {
  const telemetry = create()
  telemetry.route('outbound', 'catalog:80', { route: 'GET /' }).response(ok, 5, 5)
  telemetry.routeActual('catalog:80', { route: 'GET /' }).response(broken, 5, 5)
  const labels = 'direction="outbound",dst="catalog:80",rt_route="GET /"'
  expect(linesOf(telemetry, 'route_response_total')).toEqual([
    `route_response_total{${labels},status_code="200",classification="success",grpc_status="",error=""} 1`,
  ])
  expect(linesOf(telemetry, 'route_actual_response_total')).toEqual([
    `route_actual_response_total{${labels},status_code="503",classification="failure",grpc_status="",error=""} 1`,
  ])
  expect(render(telemetry)).not.toContain('route_actual_response_latency')
})

test('transport metrics count bytes, connections and what closed them', () => {
  const telemetry = create()
  const source = telemetry.inboundSource(meshed)
  source.opened()
  source.opened()
  source.read(10)
  source.wrote(20)
  source.closed('ECONNRESET')
  telemetry.inboundDestination().opened()
  telemetry.outboundSource('127.18.0.2', 4140).opened()
  telemetry.outboundDestination(outbound).opened()
  const labels =
    'direction="inbound",peer="src",target_addr="127.18.0.3:8080",target_ip="127.18.0.3",target_port="8080",' +
    'tls="true",client_id="web.shop",' +
    'srv_group="",srv_kind="default",srv_name="all-unauthenticated",srv_port="8080"'
  const loopback = 'tls="no_identity",no_tls_reason="loopback"'
  expect(linesOf(telemetry, 'tcp_open_total')).toEqual([
    `tcp_open_total{${labels}} 2`,
    `tcp_open_total{direction="inbound",peer="dst",${loopback}} 1`,
    `tcp_open_total{direction="outbound",peer="src",target_addr="127.18.0.2:4140",target_ip="127.18.0.2",target_port="4140",${loopback}} 1`,
    expect.stringContaining('tcp_open_total{direction="outbound",peer="dst",authority="catalog'),
  ])
  expect(linesOf(telemetry, 'tcp_open_connections')[0]).toBe(`tcp_open_connections{${labels}} 1`)
  expect(linesOf(telemetry, 'tcp_read_bytes_total')[0]).toBe(`tcp_read_bytes_total{${labels}} 10`)
  expect(linesOf(telemetry, 'tcp_write_bytes_total')[0]).toBe(`tcp_write_bytes_total{${labels}} 20`)
  expect(linesOf(telemetry, 'tcp_close_total')).toEqual([`tcp_close_total{${labels},errno="ECONNRESET"} 1`])
})

test('bytes to and from endpoints are summed by zone, those of endpoints that left included', () => {
  let nowMs = 1_000_000
  const telemetry = create({ nowMs: () => nowMs })
  const to = (zone: string) =>
    telemetry.outboundDestination({ ...outbound, destination: { zone_locality: zone } })
  to('local').wrote(7)
  to('remote').read(5)
  telemetry.outboundDestination(outbound).wrote(3)
  telemetry.outboundSource('127.18.0.2', 4140).wrote(100)
  const costs = [
    'outbound_tcp_transfer_cost_bytes_total{op="Send",zone_locality="Local"} 7',
    'outbound_tcp_transfer_cost_bytes_total{op="Send",zone_locality="Unknown"} 3',
    'outbound_tcp_transfer_cost_bytes_total{op="Recv",zone_locality="Remote"} 5',
  ]
  expect(linesOf(telemetry, 'outbound_tcp_transfer_cost_bytes_total')).toEqual(costs)
  nowMs += 600_001
  expect(linesOf(telemetry, 'tcp_open_total')).toEqual([])
  to('remote').read(1)
  expect(linesOf(telemetry, 'outbound_tcp_transfer_cost_bytes_total')).toEqual([
    ...costs.slice(0, 2),
    costs[2]?.replace(/5$/, '6'),
  ])
})

test('decisions and errors are counted, a refusal without an identity under its address too', () => {
  const telemetry = create()
  telemetry.httpAllowed(meshed, policy)
  telemetry.httpAllowed(meshed, policy)
  telemetry.httpDenied(unmeshed)
  telemetry.tcpAllowed(meshed, policy)
  telemetry.tcpDenied(meshed)
  telemetry.tcpTerminated(meshed)
  telemetry.httpRouteNotFound(meshed)
  telemetry.httpLimited(meshed, calm, 'identity')
  telemetry.httpRouteNotFound(unmeshed)
  telemetry.httpLimited(unmeshed, calm, 'total')
  telemetry.httpLimited(unmeshed, calm, 'total')
  telemetry.inboundHttpError('failfast', meshed)
  telemetry.inboundTcpError('tls detection timeout', '127.18.0.3', 8080)
  telemetry.outboundHttpError('loadshed')
  telemetry.outboundTcpError('i/o', '127.18.0.3', 8080)
  telemetry.transportHeader('http/1', 8080, '', 'web.shop')
  const target = 'target_addr="127.18.0.3:8080",target_ip="127.18.0.3",target_port="8080"'
  const srv = 'srv_group="",srv_kind="default",srv_name="all-unauthenticated",srv_port="8080"'
  const route = 'route_group="",route_kind="default",route_name="default"'
  const authz = 'authz_group="",authz_kind="default",authz_name="all-unauthenticated"'
  const ratelimit =
    'ratelimit_group="policy.linkerd.io",ratelimit_kind="httplocalratelimitpolicy",ratelimit_name="calm"'
  const tls = 'tls="true",client_id="web.shop"'
  const noTls = 'tls="no_identity",no_tls_reason="no_tls_from_remote"'
  const text = render(telemetry).split('\n')
  expect(text).toEqual(
    expect.arrayContaining([
      `inbound_http_authz_allow_total{${target},${srv},${route},${authz},${tls}} 2`,
      `inbound_http_authz_deny_total{${target},${srv},${route},${noTls}} 1`,
      `inbound_tcp_authz_allow_total{${target},${srv},${authz},${tls}} 1`,
      `inbound_tcp_authz_deny_total{${target},${srv},${tls}} 1`,
      `inbound_tcp_authz_terminate_total{${target},${srv},${tls}} 1`,
      `inbound_http_route_not_found_total{${target},${srv},${tls}} 1`,
      `inbound_http_local_ratelimit_total{${target},${srv},${ratelimit},ratelimit_scope="identity",${tls}} 1`,
      `inbound_http_errors_total{error="failfast",${target},${srv}} 1`,
      `inbound_tcp_errors_total{error="tls detection timeout",${target}} 1`,
      'outbound_http_errors_total{error="loadshed"} 1',
      `outbound_tcp_errors_total{${target},error="i/o"} 1`,
      `meshscope_inbound_client_denied_total{client_ip="127.18.0.2",target_ip="127.18.0.3",target_port="8080",${noTls},${srv},${route}} 1`,
      expect.stringMatching(/^meshscope_inbound_client_limited_total\{client_ip="127\.18\.0\.2",.*\} 2$/),
      expect.stringMatching(/^meshscope_inbound_client_unrouted_total\{client_ip="127\.18\.0\.2",.*\} 1$/),
      '# TYPE inbound_tcp_transport_header_connections counter',
      'inbound_tcp_transport_header_connections_total{session_protocol="http/1",target_port="8080",target_name="",client_id="web.shop"} 1',
    ]),
  )
})

test('certified() shows when the certificate came and when it ends', () => {
  const telemetry = create({ nowMs: () => 1_700_000_000_000 })
  telemetry.certificateFailed()
  telemetry.certified({ expiresAtMs: 1_700_000_030_000 })
  expect(render(telemetry).split('\n')).toEqual(
    expect.arrayContaining([
      'control_identity_cert_expiration_timestamp_seconds 1700000030',
      'control_identity_cert_refresh_timestamp_seconds 1700000000',
      'control_identity_cert_refreshes_total{result="ok"} 1',
      'control_identity_cert_refreshes_total{result="error"} 1',
    ]),
  )
})

test('render() drops a series idle for its time, which starts from zero when used again', () => {
  let nowMs = 0
  const telemetry = create({ nowMs: () => nowMs })
  const metrics = telemetry.outboundHttp(outbound)
  metrics.request()
  const held = telemetry.outboundDestination(outbound)
  held.opened()
  expect(linesOf(telemetry, 'request_total')).toHaveLength(1)
  nowMs = 599_999
  expect(linesOf(telemetry, 'request_total')).toHaveLength(1)
  nowMs = 600_000
  expect(linesOf(telemetry, 'request_total')).toHaveLength(0)
  expect(linesOf(telemetry, 'tcp_open_connections')).toHaveLength(1)
  metrics.request()
  telemetry.outboundHttp(outbound).request()
  expect(linesOf(telemetry, 'request_total')[0]).toMatch(/ 2$/)
})

test('render() counts what it cannot list, when a family has too many label sets', () => {
  const telemetry = create()
  for (let i = 0; i < 4100; i++) telemetry.outboundHttpError(`error ${i}`)
  expect(linesOf(telemetry, 'outbound_http_errors_total')).toHaveLength(4096)
  expect(linesOf(telemetry, 'meshscope_metrics_held_back_total')).toEqual([
    'meshscope_metrics_held_back_total 4',
  ])
})

test('render() lists no more histograms than the server reads of one proxy', () => {
  const telemetry = create()
  for (let i = 0; i < 1300; i++) {
    const metrics = telemetry.outboundHttp({ ...outbound, authority: `cat:${i}` })
    metrics.request()
  }
  expect(linesOf(telemetry, 'request_total')).toHaveLength(1280)
  expect(linesOf(telemetry, 'meshscope_metrics_held_back_total')).toEqual([
    'meshscope_metrics_held_back_total 20',
  ])
})

test('policyRoute() counts requests as clients saw them, attempts by backend, and retries', () => {
  const telemetry = create()
  const service = { group: 'core', kind: 'Service', namespace: 'shop', name: 'web', port: 80, section: '' }
  const route = { group: '', kind: 'default', namespace: '', name: 'http', port: 0, section: '' }
  const metrics = telemetry.policyRoute({ kind: 'http', parent: service, route, backend: service })
  for (const end of [broken, ok]) {
    metrics.actual.request()
    metrics.actual.response(end, 1, 30)
  }
  metrics.effective.request()
  metrics.effective.response(ok, 1, 70)
  metrics.effective.response({ ...broken, error: 'timeout' }, 1, 20_000)
  metrics.retried()
  metrics.retrySucceeded()
  metrics.retryLimitExceeded()
  metrics.retryOverflowed()
  metrics.effective.frame(128)
  metrics.actual.frame(20_000)
  const labels =
    'parent_group="core",parent_kind="Service",parent_namespace="shop",parent_name="web",parent_port="80",' +
    'parent_section_name="",route_group="",route_kind="default",route_namespace="",route_name="http"'
  const of = `${labels},hostname=""`
  const backend =
    `${labels},backend_group="core",backend_kind="Service",backend_namespace="shop",backend_name="web",` +
    'backend_port="80",backend_section_name=""'
  const prefix = 'outbound_http_route_'
  const lines = Buffer.from(telemetry.render()).toString().split('\n')
  const printed = (start: string) => lines.filter(line => line.startsWith(start))
  expect(printed(`${prefix}request_duration_seconds`)).toEqual([
    `${prefix}request_duration_seconds_sum{${of}} 20.07`,
    `${prefix}request_duration_seconds_count{${of}} 2`,
    `${prefix}request_duration_seconds_bucket{le="0.05",${of}} 0`,
    `${prefix}request_duration_seconds_bucket{le="0.5",${of}} 1`,
    `${prefix}request_duration_seconds_bucket{le="1",${of}} 1`,
    `${prefix}request_duration_seconds_bucket{le="10",${of}} 1`,
    `${prefix}request_duration_seconds_bucket{le="+Inf",${of}} 2`,
  ])
  expect(printed(`${prefix}request_statuses`)).toEqual([
    `${prefix}request_statuses_total{${of},http_status="200",error=""} 1`,
    `${prefix}request_statuses_total{${of},http_status="",error="REQUEST_TIMEOUT"} 1`,
  ])
  expect(printed(`${prefix}request_frame_size_bytes`)).toEqual([
    `${prefix}request_frame_size_bytes_sum{${of}} 128`,
    `${prefix}request_frame_size_bytes_count{${of}} 1`,
    ...['128', '1024', '10240', '+Inf'].map(
      le => `${prefix}request_frame_size_bytes_bucket{le="${le}",${of}} 1`,
    ),
  ])
  expect(printed(`${prefix}backend_response_frame_size_bytes_bucket{le="10240"`)).toEqual([
    `${prefix}backend_response_frame_size_bytes_bucket{le="10240",${backend}} 0`,
  ])
  expect(printed(`${prefix}backend_requests`)).toEqual([`${prefix}backend_requests_total{${backend}} 2`])
  expect(printed(`${prefix}backend_response_duration_seconds_bucket{le="0.025"`)).toEqual([
    `${prefix}backend_response_duration_seconds_bucket{le="0.025",${backend}} 0`,
  ])
  expect(printed(`${prefix}retry`)).toEqual(
    ['requests', 'successes', 'limit_exceeded', 'overflow'].map(
      name => `${prefix}retry_${name}_total{${of}} 1`,
    ),
  )
})

test('policyRoute() counts gRPC in families of its own, by the names of its codes', () => {
  const telemetry = create()
  const service = { group: 'core', kind: 'Service', namespace: 'shop', name: 'cart', port: 80, section: '' }
  const { effective } = telemetry.policyRoute({
    kind: 'grpc',
    parent: service,
    route: service,
    backend: service,
  })
  effective.response({ ...ok, grpcStatus: '5' }, 1, 30)
  effective.response({ ...ok, grpcStatus: '0' }, 1, 30)
  effective.response({ ...broken, error: 'h2(CANCEL)' }, 1, 30)
  const printed = linesOf(telemetry, 'outbound_grpc_route_request_statuses_total')
  expect(printed.map(line => line.replace(/^.*hostname="",/, ''))).toEqual([
    'grpc_status="NOT_FOUND",error=""} 1',
    'grpc_status="OK",error=""} 1',
    'grpc_status="",error="CANCEL"} 1',
  ])
})

test('balancer() prints endpoints, queue and gate once it was used', () => {
  let nowMs = 5_000
  const telemetry = create({ nowMs: () => nowMs })
  const service = { group: 'core', kind: 'Service', namespace: 'shop', name: 'web', port: 80, section: '' }
  const metrics = telemetry.balancer({
    kind: 'tcp',
    parent: service,
    backend: { ...service, name: 'web-v2' },
  })
  const detach = metrics.attach(() => ({ ready: 2, pending: 1 }), 3000)
  metrics.updated('Reset')
  expect(render(telemetry)).not.toContain('_balancer_')
  metrics.waits()
  nowMs = 7_000
  metrics.gateShut()
  metrics.requested(20)
  const printed = () =>
    render(telemetry)
      .split('\n')
      .filter(line => line.startsWith('outbound_tcp_balancer_'))
      .map(line => line.replace(/parent_group="core".*parent_name="web".*backend_name="web-v2".*\}/, '}'))
  expect(printed()).toEqual(
    expect.arrayContaining(
      [
        'endpoints{endpoint_state="ready",} 2',
        'endpoints{endpoint_state="pending",} 1',
        'p2c_endpoints{} 3',
        'p2c_updates_total{op="Reset",} 1',
        'p2c_updates_total{op="Add",} 0',
        'queue_length{} 1',
        'queue_requests_total{} 1',
        'queue_latency_seconds_sum{} 0.02',
        'queue_latency_seconds_bucket{le="0.005",} 0',
        'queue_latency_seconds_bucket{le="0.05",} 1',
        'queue_gate_open_total{} 1',
        'queue_gate_shut_total{} 1',
        'queue_gate_open_time_seconds{} 0',
        'queue_gate_shut_time_seconds{} 7',
        'queue_gate_timeout_seconds{} 3',
      ].map(line => `outbound_tcp_balancer_${line}`),
    ),
  )
  metrics.waited()
  nowMs += 600_000
  expect(printed()).toContain('outbound_tcp_balancer_queue_length{} 0')
  detach()
  nowMs += 600_000
  expect(printed()).toEqual([])
})
