import { expect, test } from 'vitest'
import { ServerNames } from './server-names.ts'

test('label() tells the first names apart, and nothing that is no name', () => {
  const names = new ServerNames(1000)
  expect(names.label('Shop.Example', 0)).toBe('shop.example')
  expect(names.label('a\nb', 0)).toBe('other')
  expect(names.label('x'.repeat(254), 0)).toBe('other')
  for (let i = 0; i < 63; i++) expect(names.label(`n${i}`, 0)).toBe(`n${i}`)
  expect(names.label('one-more', 0)).toBe('other')
  expect(names.label('n0', 0)).toBe('n0')
})

test('label() lets names leave that nobody asks for, and keeps the others', () => {
  const names = new ServerNames(1000)
  for (let i = 0; i < 64; i++) names.label(`n${i}`, i)
  names.label('n0', 500)
  expect(names.label('early', 999)).toBe('other')
  expect(names.label('late', 1002)).toBe('late')
  expect(names.label('later', 1002)).toBe('later')
  expect(names.label('too-many', 1002)).toBe('other')
  expect(names.label('n0', 1002)).toBe('n0')
})
