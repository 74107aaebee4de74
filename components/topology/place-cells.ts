import type { Flow } from './layout.ts'
import { type Link, rankByCalls } from './rank.ts'

/** Room that one node with its label takes, in units of the picture. */
const cell = { width: 168, height: 112 } as const

/** The same room along the calls, and across them. */
export function cellOf(flow: Flow): { readonly along: number; readonly across: number } {
  return flow === 'right'
    ? { along: cell.width, across: cell.height }
    : { along: cell.height, across: cell.width }
}

/** A node's place in a block: the columns go from callers to callees, along the calls; where these go down they are rows to the eye. */
export interface CellPlan {
  readonly widthCells: number
  readonly heightCells: number
  /** By index: column, and row, which may lie between two. */
  readonly places: readonly { readonly column: number; readonly row: number }[]
}

/**
 * Cells for `count` nodes and the links among them: a column for each step away from the callers, rows so that links
 * cross little. A long column breaks into several; nodes without a link fill rows below.
 */
export function placeCells(count: number, links: readonly Link[], flow: Flow): CellPlan {
  const isLinked = new Set(links.filter(([from, to]) => from !== to).flat())
  const maxRows = mostAcross(count, flow)
  const ranks = squeezed(rankByCalls(count, links), Math.max(3, Math.ceil(Math.sqrt(count) * 1.5)))
  const linked = Array.from({ length: count }, (_, index) => index).filter(index => isLinked.has(index))
  const inUse = [...new Set(linked.map(index => ranks[index] ?? 0))].sort((a, b) => a - b)
  const columns = inUse.flatMap(rank =>
    broken(
      linked.filter(index => ranks[index] === rank),
      maxRows,
    ),
  )
  orderColumns(columns, links)
  const tallest = Math.max(0, ...columns.map(column => column.length))
  const places: { column: number; row: number }[] = Array.from({ length: count }, () => ({
    column: 0,
    row: 0,
  }))
  for (const [column, members] of columns.entries()) {
    const top = (tallest - members.length) / 2
    for (const [row, index] of members.entries()) places[index] = { column, row: top + row }
  }
  const alone = Array.from({ length: count }, (_, index) => index).filter(index => !isLinked.has(index))
  if (flow === 'down') {
    for (const [at, index] of alone.entries()) {
      places[index] = { column: columns.length + Math.floor(at / maxRows), row: at % maxRows }
    }
    return {
      widthCells: Math.max(columns.length + Math.ceil(alone.length / maxRows), 1),
      heightCells: Math.max(tallest, Math.min(alone.length, maxRows), 1),
      places,
    }
  }
  const perRow = Math.max(columns.length, Math.ceil(Math.sqrt(alone.length * 0.45)), 1)
  for (const [at, index] of alone.entries()) {
    places[index] = { column: at % perRow, row: tallest + Math.floor(at / perRow) }
  }
  return {
    widthCells: Math.max(columns.length, Math.min(perRow, alone.length), 1),
    heightCells: Math.max(tallest + Math.ceil(alone.length / perRow), 1),
    places,
  }
}

/** How many of `count` nodes may lie across the calls: side by side on a narrow screen three can be read. */
export function mostAcross(count: number, flow: Flow): number {
  return flow === 'right'
    ? Math.max(6, Math.ceil(Math.sqrt(count * 1.2)))
    : Math.max(3, Math.ceil(Math.sqrt(count * 0.3)))
}

function squeezed(ranks: readonly number[], most: number): number[] {
  const last = Math.max(0, ...ranks)
  if (last < most) return [...ranks]
  return ranks.map(rank => Math.floor((rank * most) / (last + 1)))
}

function broken(column: readonly number[], maxRows: number): number[][] {
  const parts = Math.max(1, Math.ceil(column.length / maxRows))
  const size = Math.ceil(column.length / parts)
  return Array.from({ length: parts }, (_, part) => column.slice(part * size, (part + 1) * size)).filter(
    part => part.length > 0,
  )
}

const sweeps = 6

/** Orders each column by where its neighbours are, forth and back. */
function orderColumns(columns: number[][], links: readonly Link[]): void {
  const neighbours = new Map<number, number[]>()
  const join = (a: number, b: number): void => {
    const known = neighbours.get(a)
    if (known) known.push(b)
    else neighbours.set(a, [b])
  }
  for (const [from, to] of links) {
    join(from, to)
    join(to, from)
  }
  const rowOf = new Map<number, number>()
  const keep = (column: readonly number[]): void => {
    for (const [row, index] of column.entries()) rowOf.set(index, row - column.length / 2)
  }
  for (const column of columns) keep(column)
  for (let sweep = 0; sweep < sweeps; sweep++) {
    for (const column of sweep % 2 === 0 ? columns : columns.toReversed()) {
      const wish = new Map(column.map(index => [index, meanRow(index)]))
      column.sort((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0) || a - b)
      keep(column)
    }
  }

  function meanRow(index: number): number {
    const near = neighbours.get(index) ?? []
    const sum = near.reduce((total, other) => total + (rowOf.get(other) ?? 0), 0)
    return near.length === 0 ? (rowOf.get(index) ?? 0) : sum / near.length
  }
}
