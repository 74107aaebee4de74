/** One column of a printed table; a row without a cell has no such column. */
export interface TableColumn<Row> {
  readonly heading: string
  readonly align: 'left' | 'right'
  readonly cell: (row: Row) => string
}

const gap = '   '

/** Lines of a table, headings first, columns three blanks apart, each line ended. */
export function tableText<Row>(columns: readonly TableColumn<Row>[], rows: readonly Row[]): string {
  const cells = [
    columns.map(column => column.heading),
    ...rows.map(row => columns.map(({ cell }) => cell(row))),
  ]
  const widths = columns.map((_, index) => Math.max(...cells.map(line => line[index]?.length ?? 0)))
  return cells
    .map(line =>
      line
        .map((cell, index) => {
          const width = widths[index] ?? 0
          return columns[index]?.align === 'right' ? cell.padStart(width) : cell.padEnd(width)
        })
        .join(gap)
        .trimEnd(),
    )
    .map(line => `${line}\n`)
    .join('')
}
