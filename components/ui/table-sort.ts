/** Which column orders a table, and which way. */
export interface TableSort {
  readonly column: string
  readonly descending: boolean
}

/** The sort an address says: `rps` ascending, `-rps` descending; `null` without one. */
export function parseSort(text: string | null): TableSort | null {
  if (text === null || text === '' || text === '-') return null
  return text.startsWith('-')
    ? { column: text.slice(1), descending: true }
    : { column: text, descending: false }
}

/** The sort as an address says it. */
export function sortText({ column, descending }: TableSort): string {
  return descending ? `-${column}` : column
}

/** What a click on a column's heading leads to: largest first, then smallest first, then the usual order. */
export function nextSort(current: TableSort | null, column: string): TableSort | null {
  if (current?.column !== column) return { column, descending: true }
  return current.descending ? { column, descending: false } : null
}

/** Rows ordered by a value; those without one stay last either way, and equal ones keep their order. */
export function sortRows<Row>(
  rows: readonly Row[],
  valueIn: (row: Row) => number | string | null,
  descending: boolean,
): Row[] {
  return rows.toSorted((a, b) => {
    const [left, right] = [valueIn(a), valueIn(b)]
    if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1
    const order = left < right ? -1 : left > right ? 1 : 0
    return descending ? -order : order
  })
}
