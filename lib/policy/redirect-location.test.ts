import { expect, test } from 'vitest'
import type { HttpRouteMatch } from '#lib/resources/policy-objects.ts'
import { redirectLocation } from './redirect-location.ts'

const none = { kind: 'redirect', scheme: null, hostname: null, port: null, path: null, status: 302 } as const
const match = (type: HttpRouteMatch['path']['type'], value: string): HttpRouteMatch => ({
  path: { type, value },
  headers: [],
  queryParams: [],
  method: null,
})
const old = match('PathPrefix', '/old')

test.each<[string, Partial<typeof none> | object, HttpRouteMatch | null, string | null]>([
  ['to another host', { hostname: 'new.shop' }, null, 'http://new.shop:8080/old/a?b=c'],
  ['to https, at its own port', { scheme: 'https' }, null, 'https://web/old/a?b=c'],
  ['to another port', { port: 9090 }, null, 'http://web:9090/old/a?b=c'],
  ['to the port of the scheme without naming it', { port: 80 }, null, 'http://web/old/a?b=c'],
  ['to another path', { path: { replace: 'full', value: '/new' } }, null, 'http://web:8080/new?b=c'],
  ['to another prefix', { path: { replace: 'prefix', value: '/new/' } }, old, 'http://web:8080/new/a?b=c'],
  ['out of a prefix', { path: { replace: 'prefix', value: '/' } }, old, 'http://web:8080/a?b=c'],
  ['nowhere else', {}, null, null],
  [
    'nowhere else for want of a prefix',
    { path: { replace: 'prefix', value: '/new' } },
    match('Exact', '/old/a'),
    null,
  ],
])('redirectLocation() sends %s', (_, redirect, found, location) => {
  const request = { authority: 'web:8080', path: '/old/a', query: 'b=c' }
  expect(redirectLocation({ ...none, ...redirect }, found, request)).toBe(location)
})
