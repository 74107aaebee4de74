import { describe, expect, test } from 'vitest'
import { matchOfRpc, rpcOfMatch } from './grpc-match.ts'

describe.each([
  ['shop.Cart', 'Add', { type: 'Exact', value: '/shop.Cart/Add' }],
  ['shop.Cart', null, { type: 'PathPrefix', value: '/shop.Cart' }],
  [null, 'Add.v1', { type: 'RegularExpression', value: '/[^/]+/Add\\.v1' }],
  [null, null, { type: 'PathPrefix', value: '/' }],
])('calls of service %j and method %j', (service, method, path) => {
  test('are POSTs to a path, and are read back from it', () => {
    const match = matchOfRpc({ service, method, headers: [] })
    expect(match).toEqual({ path, headers: [], queryParams: [], method: 'POST' })
    expect(rpcOfMatch(match)).toEqual({ service: service ?? '', method: method ?? '' })
  })
})
