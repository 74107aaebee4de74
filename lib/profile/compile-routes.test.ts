import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RequestCondition } from '#lib/resources/service-profile.ts'
import { compileRoutes, type RouteSpec } from './compile-routes.ts'
import { MAX_PATH_CHARS } from './path-pattern.ts'

const route = (name: string, condition: RequestCondition, rest: Partial<RouteSpec> = {}): RouteSpec => ({
  name,
  labels: { route: name },
  condition,
  responseClasses: [],
  isRetryable: false,
  timeoutMs: null,
  ...rest,
})
const table = (...specs: RouteSpec[]) => compileRoutes('users.shop.svc.cluster.local:80', specs)

test('match() answers the first route that matches, and the default one for the rest', () => {
  const routes = table(
    route('GET user', { method: 'GET', pathRegex: '/api/users/[^/]+' }),
    route('any user', { pathRegex: '/api/users/.*' }),
  )
  expect(routes.match('GET', '/api/users/7').name).toBe('GET user')
  expect(routes.match('POST', '/api/users/7').name).toBe('any user')
  expect(routes.match('GET', '/api/users/7/cart').name).toBe('any user')
  expect(routes.match('GET', '/')).toMatchObject({
    name: '',
    labels: {},
    isRetryable: false,
    timeoutMs: null,
  })
})

test.each([
  ['/a', '/a', true],
  ['/a', '/a/b', false],
  ['/a', '/x/a', false],
  ['/a|/b', '/b', true],
  ['/a|/b', '/bc', false],
  ['/(?P<id>\\d+)', '/42', true],
  ['\\A/a\\z', '/a', true],
  ['/[a-z&&x]', '/a', false],
  ['/x--y', '/x--y', true],
  ['/(?i)a', '/A', true],
  ['/(?m)a', '/a', null],
  ['/(?=a)a', '/a', null],
  ['/(a)\\1', '/aa', null],
  ['/\\\\1', '/\\1', true],
  ['/\\p{L}', '/a', null],
  ['/(', '/(', null],
])('pattern %s of path %s is %j', (pathRegex, path, isMatch) => {
  const problems: string[] = []
  const routes = compileRoutes('svc:80', [route('r', { pathRegex })], problem => problems.push(problem))
  expect(problems).toHaveLength(isMatch === null ? 1 : 0)
  expect(routes.match('GET', path).name).toBe(isMatch ? 'r' : '')
})

test('match() leaves out a route it cannot use and keeps the others', () => {
  const problems: string[] = []
  const specs = [route('bad', { pathRegex: '(' }), route('good', { pathRegex: '/a' })]
  const routes = compileRoutes('svc:80', specs, problem => problems.push(problem))
  expect(routes.match('GET', '/a').name).toBe('good')
  expect(problems[0]).toMatch(/Route "bad" of svc:80 is left out: Cannot use path pattern "\("/)
})

test('match() gives a path longer than its limit to the default route', () => {
  const routes = table(route('all', { pathRegex: '/.*' }))
  expect(routes.match('GET', `/${'a'.repeat(MAX_PATH_CHARS - 1)}`).name).toBe('all')
  expect(routes.match('GET', `/${'a'.repeat(MAX_PATH_CHARS)}`).name).toBe('')
})

test('isFailure() follows the first class that matches, and says nothing for the rest', () => {
  const classes = [
    { condition: { status: { min: 503, max: 503 } }, isFailure: false },
    {
      condition: { any: [{ status: { min: 500, max: 599 } }, { status: { min: 429, max: 429 } }] },
      isFailure: true,
    },
    {
      condition: { all: [{ not: { status: { min: 0, max: 399 } } }, { status: { min: 0, max: 404 } }] },
      isFailure: true,
    },
  ]
  const found = table(route('r', {}, { responseClasses: classes })).match('GET', '/')
  expect([503, 500, 429, 404, 200, 418].map(status => found.isFailure(status))).toEqual([
    false,
    true,
    true,
    true,
    null,
    null,
  ])
})

const conditions = fc.letrec<{ node: RequestCondition }>(tie => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom<RequestCondition[]>(
      { method: 'GET' },
      { pathRegex: '/a' },
      { method: 'POST', pathRegex: '/b' },
    ),
    fc.record({ not: tie('node') }),
    fc.record({ all: fc.array(tie('node'), { maxLength: 3 }) }),
    fc.record({ any: fc.array(tie('node'), { maxLength: 3 }) }),
  ),
})).node
const requests = fc.record({
  method: fc.constantFrom('GET', 'POST'),
  path: fc.constantFrom('/a', '/b', '/c'),
})

test('conditions combine as logic does', () => {
  const holds = (condition: RequestCondition, { method, path }: { method: string; path: string }): boolean =>
    table(route('r', condition)).match(method, path).name === 'r'
  fc.assert(
    fc.property(conditions, conditions, requests, (a, b, request) => {
      expect(holds({ not: a }, request)).toBe(!holds(a, request))
      expect(holds({ all: [a, b] }, request)).toBe(holds(a, request) && holds(b, request))
      expect(holds({ any: [a, b] }, request)).toBe(holds(a, request) || holds(b, request))
      expect(holds({ ...a, ...b }, request)).toBe(
        Object.entries({ ...a, ...b }).every(([field, value]) => holds({ [field]: value }, request)),
      )
    }),
  )
})
