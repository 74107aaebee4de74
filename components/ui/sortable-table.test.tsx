// @vitest-environment happy-dom
import { act } from 'react'
import { afterEach, expect, test } from 'vitest'
import type { Column } from './data-table.tsx'
import { SortableTable } from './sortable-table.tsx'
import { openTestPage } from './test-page.tsx'

interface Row {
  readonly id: string
  readonly rps: number
}

const columns: readonly Column<Row>[] = [
  { id: 'name', heading: 'Name', width: 'name', cell: ({ id }) => id, sortBy: ({ id }) => id },
  { id: 'rps', heading: 'RPS', width: 'number', cell: ({ rps }) => rps, sortBy: ({ rps }) => rps },
]
const rows = [
  { id: 'a', rps: 1 },
  { id: 'b', rps: 2 },
]

function show(shown: readonly Row[] | null) {
  const page = openTestPage()
  page.show(
    <SortableTable param="sort-pods" caption="Rows" columns={columns} rows={shown} toneOf={() => 'plain'} />,
  )
  return page.element
}

afterEach(() => window.history.replaceState(null, '', '/'))

test('SortableTable() writes the sort of a heading to its own parameter, and leaves the others', () => {
  window.history.replaceState(null, '', '/namespaces/shop?window=5m&sort=name')
  const heading = [...show(rows).querySelectorAll('button')].find(({ textContent }) => textContent === 'RPS')
  act(() => heading?.click())
  expect(window.location.search).toBe('?window=5m&sort=name&sort-pods=-rps')
})

test('SortableTable() does not sort while it loads', () => {
  const table = show(null)
  expect(table.querySelector('button')).toBeNull()
  expect(table.querySelector('[aria-busy="true"]')).not.toBeNull()
})
