import { expect, test } from 'vitest'
import { passesFilter } from './filter-line.tsx'

test('passesFilter() wants every word, in any case, and everything passes an empty filter', () => {
  expect(passesFilter('shop/deployment/web', 'WEB shop')).toBe(true)
  expect(passesFilter('shop/deployment/web', 'web batch')).toBe(false)
  expect(passesFilter('shop/deployment/web', ' ')).toBe(true)
})
