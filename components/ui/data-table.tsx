'use client'

import { memo, type ReactNode, useRef } from 'react'
import styles from './data-table.module.css'
import { Skeleton } from './skeleton.tsx'
import { nextSort, sortRows, type TableSort } from './table-sort.ts'
import { useSteadyOrder } from './use-steady-order.ts'
import { VisuallyHidden } from './visually-hidden.tsx'

/** One column. Columns are made once, outside of render, so that unchanged rows are not drawn again. */
export interface Column<Row> {
  readonly id: string
  readonly heading: string
  /** The heading in full, when it is an abbreviation or needs a word more. */
  readonly meaning?: string
  /** Names and words stand left, numbers right. */
  readonly width: 'name' | 'words' | 'number' | 'short' | 'spark'
  /** Which columns leave first when there is little room; absent: it stays. */
  readonly leaves?: 'middling' | 'minor'
  readonly cell: (row: Row) => ReactNode
  /** What the column sorts by; absent: it does not. */
  readonly sortBy?: (row: Row) => number | string | null
}

export type RowTone = 'plain' | 'quiet' | 'hatched'

interface DataTableProps<Row> {
  /** What the table shows, for those who cannot see its surroundings. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  /** `null` while loading. */
  readonly rows: readonly Row[] | null
  readonly toneOf: (row: Row) => RowTone
  /** With both, headings sort. */
  readonly sort?: TableSort | null
  readonly onSort?: (sort: TableSort | null) => void
}

/** A table of live rows. Its first column names the row, and orders the table unless another one does. */
export function DataTable<Row extends { readonly id: string }>(props: DataTableProps<Row>) {
  const { caption, columns, rows, toneOf, sort = null, onSort } = props
  const body = useRef<HTMLTableSectionElement>(null)
  const sortBy = columns.find(column => column.id === sort?.column)?.sortBy
  const valueIn = sortBy ?? columns[0]?.sortBy
  const ordered = useSteadyOrder(
    rows ?? [],
    all => sortRows(all, valueIn ?? (row => row.id), sortBy !== undefined && sort?.descending === true),
    sort === null ? '' : `${sort.column} ${sort.descending}`,
    body,
  )
  return (
    <div className={styles.scroller}>
      <table className={styles.table} aria-busy={rows === null}>
        <caption>
          <VisuallyHidden>{caption}</VisuallyHidden>
        </caption>
        <thead>
          <tr>
            {columns.map(column => (
              <Heading key={column.id} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {rows === null && <LoadingRows columns={columns} />}
          {ordered.map(row => (
            <BodyRow
              key={row.id}
              row={row}
              columns={columns as readonly Column<never>[]}
              tone={toneOf(row)}
            />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface HeadingProps<Row> {
  readonly column: Column<Row>
  readonly sort: TableSort | null
  readonly onSort: ((sort: TableSort | null) => void) | undefined
}

function Heading<Row>({ column, sort, onSort }: HeadingProps<Row>) {
  const descending = sort?.column === column.id ? sort.descending : null
  const sortable = onSort !== undefined && column.sortBy !== undefined
  return (
    <th
      scope="col"
      className={cellClass(column)}
      title={column.meaning}
      aria-sort={descending === null ? undefined : descending ? 'descending' : 'ascending'}
    >
      {sortable ? (
        <button
          type="button"
          className={`${styles.sort} ${descending === null ? '' : styles.sorted}`}
          onClick={() => onSort(nextSort(sort, column.id))}
        >
          {column.heading}
          {descending !== null && (
            <span className={styles.arrow} aria-hidden="true">
              {descending ? '↓' : '↑'}
            </span>
          )}
        </button>
      ) : (
        column.heading
      )}
    </th>
  )
}

interface BodyRowProps {
  readonly row: { readonly id: string }
  readonly columns: readonly Column<never>[]
  readonly tone: RowTone
}

const BodyRow = memo(function BodyRow({ row, columns, tone }: BodyRowProps) {
  return (
    <tr className={tone === 'plain' ? undefined : styles[tone]} data-row={row.id}>
      {columns.map((column, index) => {
        const cell = column.cell(row as never)
        return index === 0 ? (
          <th key={column.id} scope="row" className={cellClass(column)}>
            {cell}
          </th>
        ) : (
          <td key={column.id} className={cellClass(column)}>
            {column.width === 'spark' ? <span className={styles.sparkBox}>{cell}</span> : cell}
          </td>
        )
      })}
    </tr>
  )
})

function LoadingRows<Row>({ columns }: { readonly columns: readonly Column<Row>[] }) {
  return ['first', 'second', 'third'].map(row => (
    <tr key={row}>
      {columns.map(column => (
        <td key={column.id} className={cellClass(column)}>
          <Skeleton size={column.width === 'name' ? 'long' : 'short'} />
        </td>
      ))}
    </tr>
  ))
}

function cellClass<Row>({ width, leaves }: Column<Row>): string {
  return `${styles[width]} ${leaves === undefined ? '' : styles[leaves]}`
}
