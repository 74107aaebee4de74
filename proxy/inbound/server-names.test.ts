import { expect, test } from 'vitest'
import { ServerNames } from './server-names.ts'

test('label() tells the first names apart, and nothing that is no name', () => {
  const names = new ServerNames()
  expect(names.label('Shop.Example')).toBe('shop.example')
  expect(names.label('a\nb')).toBe('other')
  expect(names.label('x'.repeat(254))).toBe('other')
  for (let i = 0; i < 63; i++) expect(names.label(`n${i}`)).toBe(`n${i}`)
  expect(names.label('one-more')).toBe('other')
  expect(names.label('n0')).toBe('n0')
})
