import { expect, test } from 'vitest'
import { endpointOf } from './callers.ts'
import { addLink, emptyLink, refusedOf } from './link.ts'

const end = endpointOf({ namespace: 'shop', kind: 'deployment', name: 'web' })

test('refusedOf() a sum of links leaves out refusals of callers whose own counts are not in it', () => {
  const atSource = { ...emptyLink(end, end, ''), countedAtSource: true, denied: 3 }
  const atDestination = { ...emptyLink(end, end, ''), denied: 10 }
  const sum = emptyLink(end, end, '')
  for (const link of [atSource, atDestination]) addLink(sum, link)
  expect(sum.denied).toBe(13)
  expect(refusedOf(sum)).toBe(3)
})
