import { expect, test } from 'vitest'
import { namespaceIn, namespaceTarget } from './namespace-target.ts'

const search = (text = '') => new URLSearchParams(text)

test('namespaceIn() reads it from the path, or from the query of pages that narrow', () => {
  expect(namespaceIn('/namespaces/shop/deployments/web', search(), { namespace: 'shop' })).toBe('shop')
  expect(namespaceIn('/edges', search('namespace=shop'), {})).toBe('shop')
  expect(namespaceIn('/edges', search('namespace=_all'), {})).toBeNull()
  expect(namespaceIn('/edges', search(), {})).toBeNull()
  expect(namespaceIn('/namespaces', search('namespace=shop'), {})).toBeNull()
})

test('namespaceTarget() narrows pages that can be, and leads to the page of the namespace from the others', () => {
  expect(namespaceTarget('/namespaces', search(), 'shop')).toBe('/namespaces/shop')
  expect(namespaceTarget('/namespaces/shop/deployments/web', search(), null)).toBe('/namespaces')
  expect(namespaceTarget('/edges', search('only=denied&window=5m'), 'shop')).toBe(
    '/edges?only=denied&window=5m&namespace=shop',
  )
  expect(namespaceTarget('/edges', search('namespace=shop&resource=deploy%2Fweb'), null)).toBe('/edges')
})
