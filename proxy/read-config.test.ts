import { expect, test } from 'vitest'
import type { Config } from './config.ts'
import { createTestCa } from './identity/test-ca.ts'
import { readConfig } from './read-config.ts'

const minimal = {
  LINKERD2_PROXY_DESTINATION_SVC_ADDR: '127.0.0.1:8086',
  LINKERD2_PROXY_POLICY_SVC_ADDR: 'localhost.:8090',
  LINKERD2_PROXY_POLICY_WORKLOAD: 'shop:web-1',
  LINKERD2_PROXY_IDENTITY_SVC_ADDR: '127.0.0.1:8080',
  LINKERD2_PROXY_IDENTITY_DIR: '/tmp/identity',
  LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS: createTestCa().trustAnchorsPem,
  LINKERD2_PROXY_IDENTITY_TOKEN_FILE: '/tmp/token',
  LINKERD2_PROXY_IDENTITY_LOCAL_NAME: 'web.shop.serviceaccount.identity.linkerd.cluster.local',
}

function read(extra: Record<string, string> = {}): Config {
  const result = readConfig({ ...minimal, ...extra })
  if (!result.ok) throw new Error(result.problems.join('; '))
  return result.config
}

function problems(variables: Record<string, string>): readonly string[] {
  const result = readConfig(variables)
  return result.ok ? [] : result.problems
}

test('readConfig() fills in the defaults of linkerd2-proxy', () => {
  expect(read()).toMatchObject({
    inboundListen: { host: '0.0.0.0', port: 4143 },
    outboundListen: { host: '127.0.0.1', port: 4140 },
    controlListen: { host: '0.0.0.0', port: 4190 },
    adminListen: { host: '127.0.0.1', port: 4191 },
    tapClientName: null,
    mode: 'explicit',
    appHost: '127.0.0.1',
    egress: 'deny',
    requestIds: true,
    clusterDomain: 'cluster.local',
    namespace: 'shop',
    inboundConnectTimeoutMs: 300,
    outboundConnectTimeoutMs: 1000,
    failfastTimeoutMs: 3000,
    discoveryIdleTimeoutMs: 5000,
    profileTimeoutMs: 500,
    http2: {
      inboundServer: {
        streamWindowBytes: 65_535,
        connectionWindowBytes: 1_048_576,
        maxStreams: 256,
        keepAlive: { intervalMs: 10_000, timeoutMs: 3000 },
      },
    },
    shutdownGracePeriodMs: 120_000,
    metricsRetainIdleMs: 600_000,
    informationalHeaders: true,
    shutdownEndpoint: false,
    inboundDefaultPolicy: 'all-unauthenticated',
    destination: { host: '127.0.0.1', port: 8086, name: null },
    policy: { host: 'localhost', port: 8090, name: null, workload: 'shop:web-1' },
    identity: { minRefreshMs: 10_000, maxRefreshMs: 86_400_000 },
    logLevel: 'info',
  })
})

test('readConfig() reads what is set, in the units and forms of Linkerd', () => {
  const config = read({
    LINKERD2_PROXY_INBOUND_LISTEN_ADDR: '[::]:14143',
    LINKERD2_PROXY_TAP_SVC_NAME: 'tap.mesh',
    LINKERD2_PROXY_OUTBOUND_LISTEN_ADDRS: '127.0.0.2:4140',
    LINKERD2_PROXY_DESTINATION_CONTEXT: '{"ns":"payments","pod":"p-1"}',
    LINKERD2_PROXY_DESTINATION_PROFILE_SUFFIXES: 'svc.example.org.',
    LINKERD2_PROXY_OUTBOUND_CONNECT_TIMEOUT: '250ms',
    LINKERD2_PROXY_SHUTDOWN_GRACE_PERIOD: '3m',
    LINKERD2_PROXY_METRICS_RETAIN_IDLE: '1d',
    LINKERD2_PROXY_INBOUND_PORTS: '8080, 9090',
    LINKERD2_PROXY_INBOUND_DEFAULT_POLICY: 'cluster-authenticated',
    LINKERD2_PROXY_POLICY_CLUSTER_NETWORKS: '10.0.0.0/8,fd00::/8',
    LINKERD2_PROXY_IDENTITY_SVC_ADDR: 'identity.mesh.svc:8080',
    LINKERD2_PROXY_IDENTITY_SVC_NAME: 'identity.mesh',
    LINKERD2_PROXY_OUTBOUND_DISABLE_INFORMATIONAL_HEADERS: 'true',
    LINKERD2_PROXY_LOG: 'warn,linkerd=debug',
    MESHSCOPE_PROXY_REQUEST_ID: 'off',
    MESHSCOPE_PROXY_EGRESS: 'allow',
    HOME: '/root',
  })
  expect(config).toMatchObject({
    inboundListen: { host: '::', port: 14_143 },
    outboundListen: { host: '127.0.0.2', port: 4140 },
    tapClientName: 'tap.mesh',
    namespace: 'payments',
    clusterDomain: 'example.org',
    outboundConnectTimeoutMs: 250,
    shutdownGracePeriodMs: 180_000,
    metricsRetainIdleMs: 86_400_000,
    inboundPorts: [8080, 9090],
    appPorts: [8080, 9090],
    clusterNetworks: ['10.0.0.0/8', 'fd00::/8'],
    identity: { host: 'identity.mesh.svc', name: 'identity.mesh' },
    informationalHeaders: false,
    logLevel: 'debug',
    requestIds: false,
    egress: 'allow',
  })
  expect(config.environment).toHaveProperty('MESHSCOPE_PROXY_EGRESS', 'allow')
  expect(config.environment).not.toHaveProperty('HOME')
})

test('readConfig() tells all that is missing at once', () => {
  const expected = Object.keys(minimal).map(name => `${name} is required and not set`)
  expect(new Set(problems({}))).toEqual(new Set(expected))
})

test.each([
  [
    { LINKERD2_PROXY_SHUTDOWN_GRACE_PERIOD: '2 minutes' },
    /SHUTDOWN_GRACE_PERIOD: expected a duration like .*"2 minutes"/,
  ],
  [{ LINKERD2_PROXY_INBOUND_LISTEN_ADDR: '4143' }, /INBOUND_LISTEN_ADDR: expected host:port, got "4143"/],
  [{ LINKERD2_PROXY_INBOUND_LISTEN_ADDR: '0.0.0.0:70000' }, /expected host:port/],
  [{ LINKERD2_PROXY_INBOUND_PORTS: '80,x' }, /INBOUND_PORTS: expected ports from 1 to 65535, got "x"/],
  [{ LINKERD2_PROXY_INBOUND_DEFAULT_POLICY: 'open' }, /expected one of all-unauthenticated, .*got "open"/],
  [{ LINKERD2_PROXY_INBOUND_DEFAULT_POLICY: 'cluster-authenticated' }, /POLICY_CLUSTER_NETWORKS is required/],
  [{ LINKERD2_PROXY_POLICY_CLUSTER_NETWORKS: '10.0.0.0/40' }, /networks like .*"10\.0\.0\.0\/40"/],
  [{ LINKERD2_PROXY_DESTINATION_SVC_ADDR: '10.0.0.1:8086' }, /DESTINATION_SVC_NAME is required/],
  [{ LINKERD2_PROXY_DESTINATION_CONTEXT: '{"ns"' }, /DESTINATION_CONTEXT: expected JSON/],
  [{ LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS: 'no pem' }, /IDENTITY_TRUST_ANCHORS: expected PEM/],
  [{ LINKERD2_PROXY_IDENTITY_DISABLED: '1' }, /IDENTITY_DISABLED is not supported/],
  [{ LINKERD2_PROXY_IDENTITY_MIN_REFRESH: '2d' }, /IDENTITY_MIN_REFRESH: expected no more than/],
  [
    { LINKERD2_PROXY_OUTBOUND_MAX_IN_FLIGHT: 'many' },
    /OUTBOUND_MAX_IN_FLIGHT: expected a whole number, got "many"/,
  ],
  [{ LINKERD2_PROXY_SHUTDOWN_ENDPOINT_ENABLED: 'yes' }, /expected true or false, got "yes"/],
  [
    { MESHSCOPE_PROXY_OUTBOUND_LISTEN: '6379=cache' },
    /OUTBOUND_LISTEN: expected <ip>:<port>=<service>:<port>, .*got "6379=cache"/,
  ],
  [{ MESHSCOPE_PROXY_OUTBOUND_LISTEN: '127.0.0.1:1=www.example.com:80' }, /OUTBOUND_LISTEN: expected/],
  [
    { MESHSCOPE_PROXY_OUTBOUND_LISTEN: '127.0.0.1:1=a:1,127.0.0.1:1=b:1' },
    /each address once, got 127\.0\.0\.1:1/,
  ],
  [{ MESHSCOPE_PROXY_MODE: 'redirect' }, /MESHSCOPE_PROXY_MODE: redirect is not supported by this version/],
])('readConfig() refuses %j', (extra, message) => {
  const found = problems({ ...minimal, ...extra } as Record<string, string>)
  expect(found).toHaveLength(1)
  expect(found[0]).toMatch(message)
})

test('readConfig() reads listeners for one destination each, names resolved as in requests', () => {
  const { destinationListeners } = read({
    MESHSCOPE_PROXY_OUTBOUND_LISTEN: '127.18.0.2:6379=cache.shop.svc.cluster.local:6379, [::1]:8080=catalog',
  })
  expect(destinationListeners).toEqual([
    {
      listen: { host: '127.18.0.2', port: 6379 },
      destination: {
        kind: 'service',
        authority: 'cache.shop.svc.cluster.local:6379',
        host: 'cache.shop.svc.cluster.local',
        port: 6379,
      },
    },
    {
      listen: { host: '::1', port: 8080 },
      destination: {
        kind: 'service',
        authority: 'catalog.shop.svc.cluster.local:80',
        host: 'catalog',
        port: 80,
      },
    },
  ])
})

test('readConfig() reads settings of HTTP/2, of each side before those of all', () => {
  const config = read({
    LINKERD2_PROXY_HTTP2_INITIAL_STREAM_WINDOW_SIZE: '100000',
    LINKERD2_PROXY_INBOUND_SERVER_HTTP2_INITIAL_STREAM_WINDOW_SIZE: '200000',
    LINKERD2_PROXY_INBOUND_SERVER_HTTP2_MAX_CONCURRENT_STREAMS: '7',
    LINKERD2_PROXY_OUTBOUND_CONNECT_HTTP2_KEEP_ALIVE_INTERVAL: '20s',
    LINKERD2_PROXY_OUTBOUND_SERVER_HTTP2_KEEP_ALIVE_TIMEOUT: '1s',
    LINKERD2_PROXY_INBOUND_CONNECT_HTTP2_INITIAL_CONNECTION_WINDOW_SIZE: '2000000',
  })
  expect(config.http2).toMatchObject({
    inboundServer: { streamWindowBytes: 200_000, maxStreams: 7 },
    inboundClient: { streamWindowBytes: 100_000, connectionWindowBytes: 2_000_000, maxStreams: 256 },
    outboundServer: { keepAlive: { intervalMs: 10_000, timeoutMs: 1000 } },
    outboundClient: { keepAlive: { intervalMs: 20_000, timeoutMs: 3000 } },
  })
  const refused = { LINKERD2_PROXY_OUTBOUND_SERVER_HTTP2_MAX_CONCURRENT_STREAMS: '0' }
  expect(problems(refused)).toContain(
    'LINKERD2_PROXY_OUTBOUND_SERVER_HTTP2_MAX_CONCURRENT_STREAMS: expected a number from 1, got "0"',
  )
})
