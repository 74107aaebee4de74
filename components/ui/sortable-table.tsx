'use client'

import { useMemo } from 'react'
import { DataTable, type DataTableProps } from './data-table.tsx'
import { parseSort, sortText } from './table-sort.ts'
import { useUrlParam } from './use-url-param.ts'

interface SortableTableProps<Row> extends Omit<DataTableProps<Row>, 'sort' | 'onSort'> {
  /** The parameter of the address that says by which column, and which way; tables of one page each have their own. */
  readonly param: string
}

/** A table whose headings sort it. While it loads, and before the address is known, they do nothing. */
export function SortableTable<Row extends { readonly id: string }>(props: SortableTableProps<Row>) {
  return props.rows === null ? <DataTable {...props} /> : <SortedTable {...props} />
}

function SortedTable<Row extends { readonly id: string }>({ param, ...table }: SortableTableProps<Row>) {
  const [text, setText] = useUrlParam(param)
  const sort = useMemo(() => parseSort(text), [text])
  return <DataTable {...table} sort={sort} onSort={next => setText(next === null ? null : sortText(next))} />
}
