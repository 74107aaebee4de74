'use client'

import { type MouseEvent, memo, type ReactNode, useRef, useState } from 'react'
import styles from './data-table.module.css'
import { ReachedOtherwise } from './hint.tsx'
import { PageLink } from './page-link.tsx'
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
  /** Names, words and marks stand left, numbers right. A mark is a sign, with a word where there is room. */
  readonly width: 'name' | 'words' | 'mark' | 'number' | 'narrow' | 'short' | 'spark'
  /** Which columns leave first when there is little room; absent: it stays. */
  readonly leaves?: 'middling' | 'minor'
  readonly cell: (row: Row) => ReactNode
  /** What the column sorts by; absent: it does not. */
  readonly sortBy?: (row: Row) => number | string | null
}

export type RowTone = 'plain' | 'quiet' | 'hatched'

export interface DataTableProps<Row> {
  /** What the table shows, for those who cannot see its surroundings. */
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  /** `null` while loading. */
  readonly rows: readonly Row[] | null
  readonly toneOf: (row: Row) => RowTone
  /** The page of a row, which its name and a click on it lead to; `null`: none. */
  readonly linkOf?: (row: Row) => string | null
  /** What stands in the place of rows when there is none. */
  readonly empty?: ReactNode
  /** With both, headings sort. */
  readonly sort?: TableSort | null
  readonly onSort?: (sort: TableSort | null) => void
}

/** More rows than people read slow every update down; the others come when asked for. */
const shownMax = 200

/**
 * A table of live rows. Its first column names the row, and orders the table unless another one does. Of more than
 * 200 rows it shows the first, and the others on demand.
 */
export function DataTable<Row extends { readonly id: string }>(props: DataTableProps<Row>) {
  const { caption, columns, rows, toneOf, linkOf, empty = 'None', sort = null, onSort } = props
  const [isWhole, setWhole] = useState(false)
  const body = useRef<HTMLTableSectionElement>(null)
  const sortBy = columns.find(column => column.id === sort?.column)?.sortBy
  const valueIn = sortBy ?? columns[0]?.sortBy
  const ordered = useSteadyOrder(
    rows ?? [],
    all => sortRows(all, valueIn ?? (row => row.id), sortBy !== undefined && sort?.descending === true),
    sort === null ? '' : `${sort.column} ${sort.descending}`,
    body,
  )
  const shown = isWhole ? ordered : ordered.slice(0, shownMax)
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
        <ReachedOtherwise value>
          <tbody ref={body}>
            {rows === null && <LoadingRows columns={columns} />}
            {rows?.length === 0 && (
              <tr>
                {/* Only over columns that never leave: one over more would bring them back, empty. */}
                <td
                  className={styles.empty}
                  colSpan={columns.filter(({ leaves }) => leaves === undefined).length}
                >
                  {empty}
                </td>
              </tr>
            )}
            {shown.map(row => (
              <BodyRow
                key={row.id}
                row={row}
                columns={columns as readonly Column<never>[]}
                tone={toneOf(row)}
                link={linkOf?.(row) ?? null}
              />
            ))}
          </tbody>
        </ReachedOtherwise>
      </table>
      {shown.length < ordered.length && (
        <button type="button" className={styles.more} onClick={() => setWhole(true)}>
          Show the other {ordered.length - shown.length} rows
        </button>
      )}
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
      aria-description={column.meaning}
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
  readonly link: string | null
}

const BodyRow = memo(function BodyRow({ row, columns, tone, link }: BodyRowProps) {
  const toned = tone === 'plain' ? '' : styles[tone]
  return (
    // The link in its first cell is the keyboard's way; a click anywhere in the row is a wider target for it.
    <tr
      className={`${toned} ${link === null ? '' : styles.linked}`}
      data-row={row.id}
      onClick={link === null ? undefined : followRow}
    >
      {columns.map((column, index) => {
        const cell = column.cell(row as never)
        return index === 0 ? (
          <th key={column.id} scope="row" className={cellClass(column)}>
            {link === null ? (
              cell
            ) : (
              <PageLink to={link} className={styles.link}>
                {cell}
              </PageLink>
            )}
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

function followRow(event: MouseEvent<HTMLTableRowElement>): void {
  const isPlain = !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey
  const isOwn = event.target instanceof Element && event.target.closest('a, button, summary') !== null
  const isSelecting = window.getSelection()?.isCollapsed === false
  if (!isPlain || isOwn || isSelecting) return
  event.currentTarget.querySelector<HTMLAnchorElement>('th a')?.click()
}

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
