import { describe, expect, test } from 'vitest'
import { changedParams, readGraphAddress } from './graph-address.ts'

describe('readGraphAddress()', () => {
  test('reads what changedParams() says', () => {
    const change = {
      groupBy: 'service',
      namespace: 'shop',
      label: 'p95',
      filter: 'denied',
      selected: { type: 'edge', id: 'a/b/c>d/e/f' },
      view: 'table',
      unfolded: new Set(['shop', 'batch']),
    } as const
    const params = Object.entries(changedParams(change)).filter(
      (entry): entry is [string, string] => entry[1] !== null,
    )
    expect(readGraphAddress(new URLSearchParams(params))).toEqual(change)
  })

  test('takes what it does not know as usual', () => {
    expect(readGraphAddress(new URLSearchParams('groupBy=pod&label=x&show=y&view=z&namespace=_all'))).toEqual(
      readGraphAddress(new URLSearchParams()),
    )
  })
})

describe('changedParams()', () => {
  test('ends the selection with another grouping, whose ids are others', () => {
    expect(changedParams({ groupBy: 'namespace' })).toMatchObject({
      groupBy: 'namespace',
      node: null,
      edge: null,
    })
  })
})
