// @vitest-environment happy-dom
import { act } from 'react'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Column, DataTable } from './data-table.tsx'
import type { TableSort } from './table-sort.ts'
import { openTestPage } from './test-page.tsx'

interface Row {
  readonly id: string
  readonly rps: number
}

let drawn: string[] = []
const columns: readonly Column<Row>[] = [
  {
    id: 'name',
    heading: 'Name',
    width: 'name',
    cell: row => <a href="/a">{row.id}</a>,
    sortBy: row => row.id,
  },
  {
    id: 'rps',
    heading: 'RPS',
    width: 'number',
    cell: row => {
      drawn.push(row.id)
      return row.rps
    },
    sortBy: row => row.rps,
  },
]
const byRps: TableSort = { column: 'rps', descending: true }
const table = (
  rows: readonly Row[] | null,
  sort: TableSort | null = byRps,
  onSort: (next: TableSort | null) => void = () => {},
) => (
  <DataTable
    caption="Rows"
    columns={columns}
    rows={rows}
    toneOf={() => 'plain'}
    sort={sort}
    onSort={onSort}
  />
)
const orderIn = (element: HTMLElement) =>
  [...element.querySelectorAll('tr[data-row]')].map(row => row.getAttribute('data-row'))

describe('DataTable()', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    drawn = []
  })
  afterEach(() => void vi.useRealTimers())

  const before = [
    { id: 'a', rps: 1 },
    { id: 'b', rps: 2 },
  ]
  const after = [{ id: 'a', rps: 9 }, ...before.slice(1)]

  test('renews the order after a while, and draws only rows that changed', () => {
    const page = openTestPage()
    page.show(table(before))
    expect(orderIn(page.element)).toEqual(['b', 'a'])
    drawn = []
    page.show(table(after))
    expect(orderIn(page.element)).toEqual(['b', 'a'])
    expect(drawn).toEqual(['a'])
    act(() => void vi.advanceTimersByTime(5_000))
    expect(orderIn(page.element)).toEqual(['a', 'b'])
  })

  test('keeps the order while something in it has the focus', () => {
    const page = openTestPage()
    page.show(table(before))
    page.element.querySelector('a')?.focus()
    page.show(table(after))
    act(() => void vi.advanceTimersByTime(20_000))
    expect(orderIn(page.element)).toEqual(['b', 'a'])
  })

  test('puts rows that come meanwhile at the end, and a row that comes back where it was', () => {
    const page = openTestPage()
    page.show(table(before))
    page.element.querySelector('a')?.focus()
    page.show(table([...after, { id: 'c', rps: 5 }]))
    expect(orderIn(page.element)).toEqual(['b', 'a', 'c'])
    page.show(
      table([
        { id: 'b', rps: 1 },
        { id: 'c', rps: 5 },
      ]),
    )
    page.show(table([...after, { id: 'c', rps: 5 }]))
    expect(orderIn(page.element)).toEqual(['b', 'a', 'c'])
  })

  test('keeps the order while the pointer is over it', () => {
    const page = openTestPage()
    page.show(table(before))
    const matches = vi.spyOn(Element.prototype, 'matches').mockImplementation(query => query === ':hover')
    page.show(table(after))
    act(() => void vi.advanceTimersByTime(20_000))
    expect(orderIn(page.element)).toEqual(['b', 'a'])
    matches.mockRestore()
    act(() => void vi.advanceTimersByTime(5_000))
    expect(orderIn(page.element)).toEqual(['a', 'b'])
  })

  test('takes in new rows and another sort at once', () => {
    const page = openTestPage()
    page.show(table(before))
    page.show(table([...after, { id: 'c', rps: 5 }]))
    expect(orderIn(page.element)).toEqual(['a', 'c', 'b'])
    page.show(table([...after, { id: 'c', rps: 5 }], null))
    expect(orderIn(page.element)).toEqual(['a', 'b', 'c'])
  })

  test('tells the order to screen readers, and asks for the next one on a click', () => {
    const page = openTestPage()
    const onSort = vi.fn()
    page.show(table(before, byRps, onSort))
    const heading = page.element.querySelector('[aria-sort="descending"]')
    expect(heading?.textContent).toContain('RPS')
    act(() => heading?.querySelector('button')?.click())
    expect(onSort).toHaveBeenCalledWith({ column: 'rps', descending: false })
  })

  test('shows that it is loading', () => {
    const page = openTestPage()
    page.show(table(null))
    expect(page.element.querySelector('table')?.getAttribute('aria-busy')).toBe('true')
  })

  test('shows the first 200 of many rows, and the others when asked to', () => {
    const page = openTestPage()
    page.show(table(Array.from({ length: 250 }, (_, index) => ({ id: `row-${index}`, rps: index }))))
    expect(orderIn(page.element)).toHaveLength(200)
    const more = [...page.element.querySelectorAll('button')].find(button =>
      button.textContent?.includes('50'),
    )
    act(() => more?.click())
    expect(orderIn(page.element)).toHaveLength(250)
  })

  test('says that there is no row', () => {
    const page = openTestPage()
    page.show(table([]))
    expect(page.text()).toContain('None')
  })

  test('links the name of a row to its page, and follows the link on a click anywhere in the row', () => {
    const page = openTestPage()
    const named = columns.map(column => ({ ...column, cell: (row: Row) => row.id }))
    page.show(
      <DataTable
        caption="Rows"
        columns={named}
        rows={before}
        toneOf={() => 'plain'}
        linkOf={row => (row.id === 'a' ? '/namespaces/a' : null)}
      />,
    )
    const links = [...page.element.querySelectorAll('a')]
    expect(links.map(link => link.getAttribute('href'))).toEqual(['/namespaces/a'])
    const followed = vi.fn((event: Event) => event.preventDefault())
    links[0]?.addEventListener('click', followed)
    const click = (id: string, init: MouseEventInit = {}) =>
      act(
        () =>
          void page.element
            .querySelector(`[data-row="${id}"] td`)
            ?.dispatchEvent(new MouseEvent('click', { bubbles: true, ...init })),
      )
    click('a')
    expect(followed).toHaveBeenCalledTimes(1)
    click('a', { ctrlKey: true })
    click('b')
    expect(followed).toHaveBeenCalledTimes(1)
  })
})
