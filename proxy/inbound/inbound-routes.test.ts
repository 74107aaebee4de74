import { afterEach, describe, expect, test } from 'vitest'
import type { HeaderChange, PolicyRoute, RouteFilter } from '#lib/policy/policy-route.ts'
import type { RateLimit } from '#lib/policy/rate-limit.ts'
import type { Authorization, ServerPolicy } from '#lib/policy/server-policy.ts'
import { allow } from '#proxy/accept/test-proxy.ts'
import { Cleanup, startApp } from '#proxy/accept/test-sockets.ts'
import { authority, type InboundProxy, secure, startProxy, WEB } from './test-inbound.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const group = 'policy.linkerd.io'
const anyone = allow({ kind: 'unauthenticated' })
const nobody: ServerPolicy = { ...anyone, authorizations: [] }
const meshed: Authorization[] = [
  {
    ref: { group, kind: 'authorizationpolicy', name: 'meshed' },
    networks: [{ cidr: '0.0.0.0/0', except: [] }],
    authentication: { kind: 'identity', identities: [WEB], suffixes: [] },
  },
]
const route = (
  name: string,
  path: string,
  {
    authorizations = [],
    ...rule
  }: { authorizations?: Authorization[] } & Partial<PolicyRoute['rules'][number]> = {},
): PolicyRoute => ({
  ref: { group, kind: 'httproute', name },
  hosts: [],
  authorizations,
  rules: [
    {
      matches: [{ path: { type: 'PathPrefix', value: path }, headers: [], queryParams: [], method: null }],
      filters: [],
      ...rule,
    },
  ],
})
const limit = (more: Partial<RateLimit>): RateLimit => ({
  ref: { group, kind: 'httplocalratelimitpolicy', name: 'calm' },
  totalPerSecond: null,
  identityPerSecond: null,
  overrides: [],
  ...more,
})
const ask = (path: string, headers = ''): string => `GET ${path} HTTP/1.1\r\nHost: catalog\r\n${headers}\r\n`

/** An app that answers with the target and the headers it saw. */
async function start(policy: ServerPolicy) {
  const port = await startApp(cleanup, ({ headers, url }, response) =>
    response.end(`<${url} ${String(headers['x-team'] ?? '-')} ${String(headers['x-old'] ?? '-')}>`),
  )
  const proxy = await startProxy(cleanup, port)
  proxy.policies.set(policy)
  return proxy
}

const asWeb = (proxy: InboundProxy) => secure(cleanup, proxy, authority.certify(WEB))

describe('routes of a port', () => {
  const routes = [route('api', '/api', { authorizations: meshed }), route('open', '/api/open')]

  test('take the requests that fit them best, under their own names, and no other requests', async () => {
    const proxy = await start({ ...anyone, routes })
    const client = await proxy.connect()
    client.send(ask('/api/a') + ask('/api/open/b') + ask('/none'))
    await client.receives('404 Not Found')
    expect(client.received).toContain('</api/a - ->')
    expect(client.received).toContain('</api/open/b - ->')
    const metrics = proxy.metrics()
    const named = (name: string) =>
      `route_group="policy.linkerd.io",route_kind="httproute",route_name="${name}"`
    expect(metrics).toMatch(new RegExp(`^request_total\\{.*${named('api')}.*\\} 1$`, 'm'))
    expect(metrics).toMatch(new RegExp(`^inbound_http_authz_allow_total\\{.*${named('open')}.*\\} 1$`, 'm'))
    expect(metrics).toMatch(/^inbound_http_route_not_found_total\{.*tls="no_identity".*\} 1$/m)
    expect(metrics).not.toMatch(/^inbound_http_authz_allow_total\{.*route_name="default"/m)
  })

  test('let in whom the port does not, and nobody else', async () => {
    const proxy = await start({ ...nobody, routes })
    const [web, stranger] = [asWeb(proxy), await proxy.connect()]
    web.send(ask('/api/a') + ask('/api/open'))
    await web.receives('403 Forbidden')
    expect(web.received).toContain('</api/a - ->')
    stranger.send(ask('/api/a'))
    await stranger.receives('403 Forbidden')
    expect(proxy.metrics()).toMatch(
      /^inbound_http_authz_allow_total\{.*route_name="api".*authz_name="meshed".*\} 1$/m,
    )
    expect(proxy.metrics()).toMatch(/^inbound_http_authz_deny_total\{.*route_name="open".*client_id=.*\} 1$/m)
    expect(proxy.metrics()).toMatch(
      /^meshscope_inbound_client_denied_total\{client_ip="127\.18\.9\.7".*srv_name="test".*route_name="api"\} 1$/m,
    )
  })

  test('change headers in their order: added, set, removed', async () => {
    const change: HeaderChange = {
      kind: 'request-headers',
      add: [{ name: 'x-team', value: 'a' }],
      set: [{ name: 'X-Team', value: 'b' }],
      remove: ['x-old', 'content-length'],
    }
    const proxy = await start({ ...anyone, routes: [route('api', '/', { filters: [change] })] })
    const client = await proxy.connect()
    client.send(ask('/a', 'X-Team: mine\r\nX-Old: 1\r\n'))
    await client.receives('</a b ->')
  })

  test('change headers of responses', async () => {
    const edit = { add: [], set: [{ name: 'X-Seen', value: 'b' }], remove: ['date'] }
    const routes = [route('api', '/', { responseEdits: [edit] }), route('plain', '/plain')]
    const proxy = await start({ ...anyone, routes })
    const client = await proxy.connect()
    client.send(ask('/a'))
    await client.receives('</a - ->')
    expect(client.received).toContain('x-seen: b\r\n')
    expect(client.received).not.toMatch(/^date:/im)
    client.send(ask('/plain'))
    await client.receives('</plain - ->')
    expect(client.received.split('x-seen')).toHaveLength(2)
  })

  test('send elsewhere, and answer by themselves', async () => {
    const to: RouteFilter = {
      kind: 'redirect',
      scheme: 'https',
      hostname: 'new.shop',
      port: null,
      path: { replace: 'prefix', value: '/new' },
      status: 301,
    }
    const broken: RouteFilter = { kind: 'failure', status: 503, message: 'on purpose', part: 1, of: 1 }
    const proxy = await start({
      ...anyone,
      routes: [route('old', '/old', { filters: [to] }), route('broken', '/broken', { filters: [broken] })],
    })
    const client = await proxy.connect()
    client.send(ask('/old/a?b') + ask('/broken'))
    await client.receives('503 Service Unavailable')
    expect(client.received).toContain('301 Moved Permanently')
    expect(client.received).toContain('location: https://new.shop/new/a?b\r\n')
  })

  test('follow a change of policy on open connections', async () => {
    const proxy = await start(anyone)
    const client = await proxy.connect()
    client.send(ask('/other'))
    await client.receives('</other')
    proxy.policies.set({ ...anyone, routes })
    client.send(ask('/other'))
    await client.receives('404 Not Found')
  })
})

describe('a rate limit', () => {
  test('answers 429 to what is over it, which is counted as limited and not as allowed', async () => {
    const proxy = await start({ ...anyone, rateLimit: limit({ totalPerSecond: 2 }) })
    const client = await proxy.connect()
    client.send(ask('/1') + ask('/2') + ask('/3'))
    await client.receives('429 Too Many Requests')
    expect(client.received).toContain('</2 - ->')
    const metrics = proxy.metrics()
    expect(metrics).toMatch(
      /^inbound_http_local_ratelimit_total\{.*srv_name="test".*ratelimit_group="policy\.linkerd\.io",ratelimit_kind="httplocalratelimitpolicy",ratelimit_name="calm",ratelimit_scope="total",tls="no_identity".*\} 1$/m,
    )
    expect(metrics).toMatch(/^inbound_http_authz_allow_total\{.*\} 2$/m)
  })

  test('is each client identity’s own, and stays used up when another part of the policy changes', async () => {
    const limited = { ...anyone, rateLimit: limit({ identityPerSecond: 1 }) }
    const proxy = await start(limited)
    const [web, other] = [asWeb(proxy), await proxy.connect()]
    web.send(ask('/1') + ask('/2'))
    await web.receives('429 Too Many Requests')
    expect(web.received).toContain('l5d-proxy-error: rate limit of the client exceeded')
    other.send(ask('/1'))
    await other.receives('</1 - ->')
    proxy.policies.set({ ...limited, rateLimit: limit({ identityPerSecond: 1 }) })
    other.send(ask('/2'))
    await other.receives('429 Too Many Requests')
  })

  test('answers gRPC in its own words', async () => {
    const proxy = await start({ ...anyone, rateLimit: limit({ totalPerSecond: 1 }) })
    const client = await proxy.connect()
    const grpc = 'content-type: application/grpc\r\n'
    client.send(ask('/1', grpc) + ask('/2', grpc))
    await client.receives('grpc-status: 8')
  })
})
