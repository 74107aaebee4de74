import { describe, expect, test } from 'vitest'
import { prefixOf } from './prefix.ts'

describe('prefixOf()', () => {
  test('believes a proxy before the configuration, and that before the path the API server was asked for', () => {
    const url = '/namespaces?window=5m'
    const forwarded = { 'x-forwarded-uri': '/kube/namespaces' }
    expect(prefixOf({ headers: { ...forwarded, 'x-forwarded-prefix': '/told' }, url }, '/set')).toBe('/told')
    expect(prefixOf({ headers: { ...forwarded, 'x-forwarded-prefix': '/' }, url }, '/set')).toBe('')
    expect(prefixOf({ headers: forwarded, url }, '/set')).toBe('/set')
    expect(prefixOf({ headers: forwarded, url }, '')).toBe('/kube')
  })

  test.each([
    ['/namespaces', '/namespaces'],
    ['/kube/other', '/namespaces'],
    ['//evil.example/namespaces', '/namespaces'],
    ['/kube', ''],
    ['', '/'],
  ])('finds none, when the API server was asked for %s and we for %s', (whole, url) => {
    expect(prefixOf({ headers: { 'x-forwarded-uri': whole }, url }, '')).toBe('')
  })
})
