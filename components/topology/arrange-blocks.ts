import type { Flow, Point } from './layout.ts'
import { type CellPlan, cellOf, mostAcross, placeCells } from './place-cells.ts'
import { type Link, rankByCalls } from './rank.ts'

/** Where a node is planned, and how far it may go up and down. */
export interface Planned {
  readonly point: Point
  readonly room: { readonly top: number; readonly bottom: number }
}

interface Block {
  readonly members: number[]
  readonly plan: CellPlan
  readonly width: number
  readonly height: number
  readonly rank: number
  /** The mean of the ranks and names decides where it stands in its column. */
  readonly name: string
}

const gap = { x: 50, y: 40 } as const
const boxed = 44

/**
 * A place for every node, calls going along x: each group is a block, blocks stand in columns from callers to callees,
 * and so do the nodes within a block. Nodes of the empty group stand alone.
 */
export function arrangeBlocks(
  nodes: readonly { readonly id: string; readonly group: string }[],
  links: readonly Link[],
  flow: Flow,
): Planned[] {
  const cell = cellOf(flow)
  const names = nodes.map(({ id, group }) => (group === '' ? `~${id}` : group))
  const blockNames = [...new Set(names)].sort()
  const indexOf = new Map(blockNames.map((name, block) => [name, block]))
  const blockOf = names.map(name => indexOf.get(name) ?? 0)
  const between = uniqueLinks(links.map(([from, to]) => [blockOf[from] ?? 0, blockOf[to] ?? 0] as const))
  const ranks = rankByCalls(blockNames.length, between)
  const membersOf = blockNames.map((): number[] => [])
  const localOf = blockOf.map((block, index) => (membersOf[block]?.push(index) ?? 1) - 1)
  const linksIn = blockNames.map((): Link[] => [])
  for (const [from, to] of links) {
    if (blockOf[from] === blockOf[to])
      linksIn[blockOf[from] ?? 0]?.push([localOf[from] ?? 0, localOf[to] ?? 0])
  }
  const blocks = blockNames.map((name, block): Block => {
    const members = membersOf[block] ?? []
    const plan = placeCells(members.length, linksIn[block] ?? [], flow)
    const around = name.startsWith('~') ? 0 : boxed
    return {
      members,
      plan,
      width: plan.widthCells * cell.along + around,
      height: plan.heightCells * cell.across + around,
      rank: ranks[block] ?? 0,
      name,
    }
  })
  const planned: Planned[] = []
  let left = 0
  const narrow = flow === 'down' ? mostAcross(nodes.length, flow) * (cell.across + gap.y) : null
  for (const column of blockColumns(blocks, narrow)) {
    const width = Math.max(...column.map(block => block.width))
    const height = column.reduce((sum, block) => sum + block.height + gap.y, -gap.y)
    let top = -height / 2
    for (const block of column) {
      placeBlock(block, cell, left + (width - block.width) / 2, top, planned)
      top += block.height + gap.y
    }
    left += width + gap.x
  }
  return planned
}

function placeBlock(
  block: Block,
  cell: ReturnType<typeof cellOf>,
  left: number,
  top: number,
  planned: Planned[],
): void {
  const around = (block.name.startsWith('~') ? 0 : boxed) / 2
  const first = { x: left + around + cell.along / 2, y: top + around + cell.across / 2 }
  const room = {
    top: first.y,
    bottom: top + block.height - around - cell.across / 2,
  }
  for (const [at, index] of block.members.entries()) {
    const place = block.plan.places[at] ?? { column: 0, row: 0 }
    const point = { x: first.x + place.column * cell.along, y: first.y + place.row * cell.across }
    planned[index] = { point, room }
  }
}

const mostColumns = 6

/**
 * Blocks in columns by rank; when there are many ranks, in as many columns as make the picture a little wider than high.
 * Columns are never higher than `narrow`, if that is given and no block is.
 */
function blockColumns(blocks: readonly Block[], narrow: number | null): Block[][] {
  const area = blocks.reduce((sum, block) => sum + (block.width + gap.x) * (block.height + gap.y), 0)
  const mostHeight = Math.max(narrow ?? Math.sqrt(area / 1.6), ...blocks.map(block => block.height))
  const hasFewRanks = new Set(blocks.map(block => block.rank)).size <= mostColumns
  const columns: Block[][] = []
  let height = Number.POSITIVE_INFINITY
  let rank = -1
  for (const block of blocks.toSorted((a, b) => a.rank - b.rank || (a.name < b.name ? -1 : 1))) {
    const isFull = height + block.height > mostHeight * 1.05
    if (isFull || (hasFewRanks && block.rank !== rank)) {
      columns.push([])
      height = 0
    }
    rank = block.rank
    height += block.height + gap.y
    columns.at(-1)?.push(block)
  }
  return columns
}

function uniqueLinks(links: readonly Link[]): Link[] {
  return [...new Map(links.map(link => [link.join('>'), link])).values()]
}
