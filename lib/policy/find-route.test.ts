import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { HttpRouteMatch } from '#lib/resources/policy-objects.ts'
import { type FoundRoute, routeFinder } from './find-route.ts'
import type { PolicyRoute } from './policy-route.ts'
import type { RoutedRequest } from './request-match.ts'

const match = (more: Partial<HttpRouteMatch>): HttpRouteMatch => ({
  path: { type: 'PathPrefix', value: '/' },
  headers: [],
  queryParams: [],
  method: null,
  ...more,
})
const route = (name: string, matches: HttpRouteMatch[], hosts: string[] = []): PolicyRoute => ({
  ref: { group: 'policy.linkerd.io', kind: 'httproute', name },
  hosts,
  authorizations: [],
  rules: [{ matches, filters: [] }],
})
interface Sent {
  readonly method?: string
  readonly host?: string
  readonly target?: string
  readonly headers?: readonly (readonly [string, string])[]
}
const request = ({ method = 'GET', host = 'web', target = '/', headers = [] }: Sent): RoutedRequest => {
  const [path = '', query = ''] = target.split('?')
  return {
    method,
    host,
    path,
    query,
    headers: name => headers.filter(([one]) => one === name).map(([, value]) => value),
  }
}
const nameOf = (found: FoundRoute | null): string | null => found?.route.ref.name ?? null
const exact = (value: string) => match({ path: { type: 'Exact', value } })
const prefix = (value: string) => match({ path: { type: 'PathPrefix', value } })
const pattern = (value: string) => match({ path: { type: 'RegularExpression', value } })
const header = { type: 'Exact', name: 'X-Canary', value: 'yes' } as const
const parameter = { type: 'RegularExpression', name: 'page', value: '\\d+' } as const

test.each<[string, HttpRouteMatch, Sent, boolean]>([
  ['an exact path', exact('/a'), { target: '/a?b' }, true],
  ['no longer path', exact('/a'), { target: '/a/' }, false],
  ['a prefix', prefix('/a'), { target: '/a/b' }, true],
  ['a prefix alone', prefix('/a'), { target: '/a' }, true],
  ['a prefix whatever ends it', prefix('/a/'), { target: '/a' }, true],
  ['whole segments only', prefix('/a'), { target: '/ab' }, false],
  ['a pattern as a whole', pattern('/u/\\d+'), { target: '/u/12' }, true],
  ['no part of a pattern', pattern('/u/\\d+'), { target: '/u/12/x' }, false],
  ['a method', match({ method: 'POST' }), { method: 'POST' }, true],
  ['no other method', match({ method: 'POST' }), {}, false],
  [
    'one of a header',
    match({ headers: [header] }),
    {
      headers: [
        ['x-canary', 'no'],
        ['x-canary', 'yes'],
      ],
    },
    true,
  ],
  ['no other value', match({ headers: [header] }), { headers: [['x-canary', 'YES']] }, false],
  ['a parameter', match({ queryParams: [parameter] }), { target: '/?a=1&page=12' }, true],
  ['no other parameter', match({ queryParams: [parameter] }), { target: '/?page=x' }, false],
  [
    'an escaped parameter',
    match({ queryParams: [{ type: 'Exact', name: 'a b', value: 'é&' }] }),
    { target: '/?a+b=%C3%A9%26' },
    true,
  ],
  [
    'an escape that is none',
    match({ queryParams: [{ type: 'Exact', name: 'a', value: '%zz%ff' }] }),
    { target: '/?a=%zz%ff' },
    true,
  ],
])('routeFinder() takes %s', (_, wanted, sent, isTaken) => {
  expect(nameOf(routeFinder([route('a', [wanted])])(request(sent)))).toBe(isTaken ? 'a' : null)
})

test('routeFinder() prefers host, then path, then headers, then parameters, then method, then the first', () => {
  const routes = [
    route('any', []),
    route('path', [prefix('/api')]),
    route('header', [match({ headers: [header] })]),
    route('parameter', [match({ queryParams: [parameter] })]),
    route('method', [match({ method: 'GET' })]),
    route('same as method', [match({ method: 'GET' })]),
    route('ending', [], ['*.shop']),
    route('longer ending', [], ['*.eu.shop']),
    route('host', [], ['web.eu.shop', 'web.shop']),
  ]
  const find = (sent: Sent) => nameOf(routeFinder(routes)(request(sent)))
  const headers = [['x-canary', 'yes']] as const
  expect(find({ method: 'PUT' })).toBe('any')
  expect(find({})).toBe('method')
  expect(find({ target: '/?page=1' })).toBe('parameter')
  expect(find({ target: '/?page=1', headers })).toBe('header')
  expect(find({ target: '/api?page=1', headers })).toBe('path')
  expect(find({ target: '/api', host: 'x.shop' })).toBe('ending')
  expect(find({ target: '/api', host: 'x.eu.shop' })).toBe('longer ending')
  expect(find({ target: '/api', host: 'web.eu.shop' })).toBe('host')
  expect(find({ target: '/api', host: '.shop' })).toBe('path')
})

test('routeFinder() refuses a pattern that cannot be used', () => {
  expect(() => routeFinder([route('a', [pattern('(?=a)')])])).toThrow(RangeError)
})

const words = fc.constantFrom('a', 'b', 'ab')
const paths = fc.array(words, { maxLength: 3 }).map(parts => `/${parts.join('/')}`)
const values = fc.array(words, { maxLength: 2 }).map(names => [...new Set(names)])
const matches = fc.record({
  path: fc.record({ type: fc.constantFrom('Exact' as const, 'PathPrefix' as const), value: paths }),
  headers: values.map(names => names.map(name => ({ type: 'Exact' as const, name, value: '1' }))),
  queryParams: values.map(names => names.map(name => ({ type: 'Exact' as const, name, value: '1' }))),
  method: fc.constantFrom(null, 'GET'),
})
const routes = fc
  .array(
    fc.record({ matches: fc.array(matches, { maxLength: 2 }), hosts: fc.subarray(['a.b', '*.b', '*.a.b']) }),
    {
      maxLength: 5,
    },
  )
  .map(all => all.map(({ matches: of, hosts }, index) => route(String(index), of, hosts)))
const requests = fc.record({
  method: fc.constantFrom('GET', 'PUT'),
  host: fc.constantFrom('a.b', 'b', 'b.b', 'b.a.b'),
  target: fc
    .tuple(paths, values)
    .map(([path, names]) => `${path}?${names.map(name => `${name}=1`).join('&')}`),
  headers: values.map(names => names.map(name => [name, '1'] as const)),
})

/** The same by sorting all that fits, one criterion after the other. */
function findSlowly(all: readonly PolicyRoute[], sent: RoutedRequest): string | null {
  const fits = all.flatMap(({ ref, hosts, rules }) => {
    const hostLengths = hosts.filter(
      one => one === sent.host || (one[0] === '*' && sent.host.endsWith(one.slice(1))),
    )
    if (hosts.length > 0 && hostLengths.length === 0) return []
    const host = Math.max(0, ...hostLengths.map(one => (one[0] === '*' ? one.length : 1000)))
    const wanted = rules.flatMap(rule => (rule.matches.length > 0 ? rule.matches : [prefix('/')]))
    return wanted.flatMap(({ path, headers, queryParams, method }) => {
      const segments = path.value.split('/').filter(Boolean)
      const own = sent.path.split('/').filter(Boolean)
      const isPath =
        path.type === 'Exact'
          ? path.value === sent.path
          : segments.every((part, index) => own[index] === part)
      const isSent = `&${sent.query}&`
      return isPath &&
        headers.every(({ name }) => sent.headers(name).length > 0) &&
        queryParams.every(({ name }) => isSent.includes(`&${name}=1&`)) &&
        (method === null || method === sent.method)
        ? [
            {
              name: ref.name,
              rank: [host, path.value.length, headers.length, queryParams.length, method ? 1 : 0],
            },
          ]
        : []
    })
  })
  const [best] = fits.toSorted(
    (a, b) => a.rank.map((rank, at) => (b.rank[at] ?? 0) - rank).find(Boolean) ?? 0,
  )
  return best?.name ?? null
}

test('routeFinder() finds what sorting all that fits finds', () => {
  fc.assert(
    fc.property(routes, requests, (all, sent) => {
      const routed = request(sent)
      expect(nameOf(routeFinder(all)(routed))).toBe(findSlowly(all, routed))
    }),
    { numRuns: 500 },
  )
})
