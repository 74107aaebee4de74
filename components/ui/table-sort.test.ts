import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextSort, parseSort, sortRows, sortText } from './table-sort.ts'

test('parseSort() reads what sortText() writes', () => {
  const column = fc.stringMatching(/^[a-z][a-z0-9-]*$/)
  fc.assert(
    fc.property(column, fc.boolean(), (name, descending) => {
      expect(parseSort(sortText({ column: name, descending }))).toEqual({ column: name, descending })
    }),
  )
  expect([null, '', '-'].map(parseSort)).toEqual([null, null, null])
})

test('nextSort() goes from largest to smallest to the usual order', () => {
  const first = nextSort(null, 'rps')
  const second = nextSort(first, 'rps')
  expect([first, second, nextSort(second, 'rps')]).toEqual([
    { column: 'rps', descending: true },
    { column: 'rps', descending: false },
    null,
  ])
  expect(nextSort(first, 'p95')).toEqual({ column: 'p95', descending: true })
})

test('sortRows() keeps rows without a value last, both ways', () => {
  const value = fc.record({ value: fc.option(fc.integer()) })
  fc.assert(
    fc.property(fc.array(value), fc.boolean(), (rows, descending) => {
      const values = sortRows(rows, row => row.value, descending).map(row => row.value)
      const known = values.filter(number => number !== null)
      expect(values.slice(0, known.length)).toEqual(known)
      expect(known).toEqual(known.toSorted((a, b) => (descending ? b - a : a - b)))
    }),
  )
})
