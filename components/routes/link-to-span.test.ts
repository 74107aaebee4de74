import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linkToSpan } from './link-to-span.ts'

const span = { start: '2026-11-22T17:41:52.000Z', end: '2026-11-22T17:42:52.000Z', stepSeconds: 1 }

test('linkToSpan() names the span, when the address names a window', () => {
  const link = new URL(linkToSpan('http://mesh/m/routes?window=5m&namespace=shop#top', span))
  expect(Object.fromEntries(link.searchParams)).toEqual({
    namespace: 'shop',
    start: span.start,
    end: span.end,
  })
  expect([link.pathname, link.hash]).toEqual(['/m/routes', '#top'])
})

test('linkToSpan() keeps the name of a route, whatever it holds', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), name => {
      const address = new URL('http://mesh/namespaces/shop/services/web/route')
      address.searchParams.set('name', name)
      expect(new URL(linkToSpan(address.href, span)).searchParams.get('name')).toBe(name)
    }),
  )
})
