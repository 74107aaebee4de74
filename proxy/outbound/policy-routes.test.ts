import { afterEach, expect, test } from 'vitest'
import type { HeaderEdit } from '#lib/policy/policy-route.ts'
import type { HttpRouteMatch } from '#lib/resources/policy-objects.ts'
import { testEndpoint } from '#proxy/accept/test-proxy.ts'
import { Cleanup, until } from '#proxy/accept/test-sockets.ts'
import type { ServiceRule } from '#proxy/discovery/discovery.ts'
import { AUTHORITY, startProxy, startRaw, testRoutes } from './test-outbound.ts'
import { backend, policyOf, rule } from './test-policy.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const ANSWER = /\r\n\r\n(app|next)$|^HTTP\/1\.1 [34].*\r\n\r\n$/s
const NEXT = 'next.shop.svc.cluster.local:80'
const pathMatch = (value: string): HttpRouteMatch => ({
  path: { type: 'PathPrefix', value },
  headers: [],
  queryParams: [],
  method: null,
})
const edit = (name: string, value: string): HeaderEdit => ({
  add: [],
  set: [{ name, value }],
  remove: ['x-old'],
})
const ok = (name: string) => `HTTP/1.1 200 OK\r\nX-Old: yes\r\nContent-Length: ${name.length}\r\n\r\n${name}`

/** A proxy for `app` and `next`, whose upstreams answer with their names; `app` has these rules. */
async function start(rules: readonly ServiceRule[], hasProfile = false) {
  const app = await startRaw(cleanup, () => ok('app'))
  const next = await startRaw(cleanup, () => ok('next'))
  const proxy = await startProxy(cleanup, [app.port])
  const { discovery } = proxy
  discovery.set(NEXT, {
    state: 'resolved',
    endpoints: [testEndpoint('127.0.0.1', next.port)],
    routes: null,
  })
  discovery.set(AUTHORITY, {
    state: 'resolved',
    endpoints: [testEndpoint('127.0.0.1', app.port)],
    routes: hasProfile ? testRoutes() : null,
    policy: policyOf(rules),
  })
  const client = await proxy.connect()
  /** The whole answer to a request for a path. */
  const ask = async (path: string) => {
    client.received = ''
    client.send(`GET ${path} HTTP/1.1\r\nHost: app\r\nX-Old: yes\r\n\r\n`)
    await until(() => ANSWER.test(client.received), `an answer for ${path}`)
    return client.received
  }
  return { ask, app, next, metrics: proxy.metrics }
}

const toNext = rule({
  matches: [pathMatch('/new')],
  filters: [{ kind: 'request-headers', ...edit('x-team', 'a') }],
  responseEdits: [edit('x-seen', 'b')],
  backends: [backend({ authority: NEXT, name: 'next', route: 'new' })],
})
const toApp = rule({ matches: [pathMatch('/old')], backends: [backend({ route: 'old' })] })

test('requests go where the route that fits them best says, with its headers, counted under its name', async () => {
  const { ask, metrics, next } = await start([toApp, toNext])
  expect(await ask('/new/a')).toMatch(/x-seen: b\r\n.*next$/s)
  expect(next.seen.text).toContain('x-team: a\r\n')
  expect(next.seen.text.toLowerCase()).not.toContain('x-old')
  expect(await ask('/old/a')).toMatch(/X-Old: yes.*app$/is)
  const counted = (route: string, name: string) =>
    new RegExp(
      `^outbound_http_route_backend_requests_total\\{.*parent_name="app".*route_name="${route}".*backend_name="${name}".*\\} 1$`,
      'm',
    )
  expect(metrics()).toMatch(counted('new', 'next'))
  expect(metrics()).toMatch(counted('old', 'app'))
})

test('requests that no route takes are answered with 404, those of a redirect with it', async () => {
  const redirect = rule({
    matches: [pathMatch('/moved')],
    filters: [
      {
        kind: 'redirect',
        scheme: null,
        hostname: 'other.shop',
        port: null,
        path: null,
        status: 301,
      },
    ],
  })
  const { app, ask } = await start([toApp, redirect])
  expect(await ask('/else')).toContain('404 Not Found')
  expect(await ask('/moved')).toMatch(/301 .*location: http:\/\/other\.shop\/moved\r\n/s)
  expect(app.seen.text).toBe('')
})

test('requests of a rule with backends go to them by their weights', async () => {
  const { app, ask, next } = await start([
    rule({ backends: [backend({ weight: 0 }), backend({ authority: NEXT, name: 'next', weight: 5 })] }),
  ])
  for (let i = 0; i < 10; i++) expect(await ask('/')).toMatch(/next$/)
  expect([app.seen.connections, next.seen.connections]).toEqual([0, 1])
})

test('routes count for nothing where there is a profile', async () => {
  const { ask } = await start([toNext], true)
  expect(await ask('/new')).toMatch(/app$/)
})

test('an attempt that takes a backend too long is given up', async () => {
  const silent = await startRaw(cleanup, () => null)
  const proxy = await startProxy(cleanup, [silent.port])
  proxy.discovery.set(AUTHORITY, {
    state: 'resolved',
    endpoints: [testEndpoint('127.0.0.1', silent.port)],
    routes: null,
    policy: policyOf([rule({ backends: [backend({ timeoutMs: 30 })] })]),
  })
  const client = await proxy.connect()
  client.send('GET / HTTP/1.1\r\nHost: app\r\n\r\n')
  await client.receives('l5d-proxy-error: no response within 30 ms')
})
