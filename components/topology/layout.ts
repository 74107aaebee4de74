import { forceCollide, forceLink, forceSimulation, forceX, forceY, type SimulationNodeDatum } from 'd3-force'
import { arrangeBlocks } from './arrange-blocks.ts'
import { cellOf } from './place-cells.ts'
import { planOf } from './plan.ts'
import type { Link } from './rank.ts'

export interface Point {
  readonly x: number
  readonly y: number
}

/** Which way calls go in the picture: to the right, or down where it is narrow. */
export type Flow = 'right' | 'down'

/** What a layout has to place. */
export interface LayoutRequest {
  readonly nodes: readonly { readonly id: string; readonly group: string }[]
  /** Pairs of indices of nodes, caller first. */
  readonly links: readonly Link[]
  /** Nodes that stay where they are, by id. */
  readonly fixed: Readonly<Record<string, Point>>
  /** `all` plans the whole picture; `new` finds room for those that are not fixed, near their neighbours. */
  readonly arrange: 'all' | 'new'
  readonly flow: Flow
}

interface Body extends SimulationNodeDatum {
  readonly wish: Point
  /** Where the body may be; `null`: anywhere. */
  readonly room: Room | null
  x: number
  y: number
}

interface Room {
  readonly top: number
  readonly bottom: number
}

const nearPx = 96
/** A few steps are enough where all is planned already; many nodes get fewer, so that a layout takes about as long. */
const ticksOf = { least: 12, most: 80 } as const
const bodyTicks = 5_000

/** Where the nodes go, in the order asked. The same request gives the same places. */
export function layOut(request: LayoutRequest): Point[] {
  const plan = planOf(request)
  if (plan !== null) return plan
  if (request.flow === 'right') return layAlong(request)
  const fixed = Object.fromEntries(Object.entries(request.fixed).map(([id, point]) => [id, turned(point)]))
  return layAlong({ ...request, fixed }).map(turned)
}

/** Swaps what lies along the calls with what lies across them. */
function turned({ x, y }: Point): Point {
  return { x: y, y: x }
}

/** Places with calls going along x, whichever way they go in the picture. */
function layAlong(request: LayoutRequest): Point[] {
  const bodies = request.arrange === 'all' ? plannedBodies(request) : enteringBodies(request)
  for (const [index, body] of bodies.entries()) {
    const at = request.fixed[request.nodes[index]?.id ?? '']
    if (at === undefined) continue
    body.fx = at.x
    body.fy = at.y
    body.x = at.x
    body.y = at.y
  }
  const isPlanned = request.arrange === 'all'
  const ticks = Math.round(Math.min(Math.max(bodyTicks / bodies.length, ticksOf.least), ticksOf.most))
  const simulation = forceSimulation<Body>(bodies)
    .stop()
    .alphaDecay(1 - 0.02 ** (1 / ticks))
    .force('x', forceX<Body>(body => body.wish.x).strength(0.1))
    .force('y', forceY<Body>(body => body.wish.y).strength(isPlanned ? 0.12 : 0.1))
    .force(
      'link',
      forceLink<Body, { source: number; target: number }>(
        request.links.map(([source, target]) => ({ source, target })),
      )
        .distance(cellOf(request.flow).along)
        .strength(0.04),
    )
    .force('apart', forceCollide<Body>(nearPx / 2))
  for (let tick = 0; tick < ticks; tick++) {
    simulation.tick()
    for (const body of bodies) keepInRoom(body)
  }
  return bodies.map(({ x, y }) => ({ x: Math.round(x * 10) / 10, y: Math.round(y * 10) / 10 }))
}

function keepInRoom(body: Body): void {
  if (body.room === null || (body.fx !== undefined && body.fx !== null)) return
  // Columns stay straight: what makes room for another goes up or down.
  body.x = body.wish.x
  body.y = Math.min(Math.max(body.y, body.room.top), body.room.bottom)
}

function plannedBodies({ nodes, links, flow }: LayoutRequest): Body[] {
  return arrangeBlocks(nodes, links, flow).map(({ point, room }) => ({
    wish: point,
    room,
    x: point.x,
    y: point.y,
  }))
}

/** New nodes start beside their neighbours: beyond callers, before callees; else below all others. */
function enteringBodies({ nodes, links, fixed, flow }: LayoutRequest): Body[] {
  const { along } = cellOf(flow)
  const places = Object.values(fixed)
  const below = Math.max(0, ...places.map(point => point.y)) + nearPx
  const left = places.length === 0 ? 0 : Math.min(...places.map(point => point.x))
  let waiting = 0
  return nodes.map(({ group }, index) => {
    const wishes: Point[] = []
    for (const [from, to] of links) {
      const caller = from === index ? undefined : fixed[nodes[from]?.id ?? '']
      const callee = to === index ? undefined : fixed[nodes[to]?.id ?? '']
      if (to === index && caller) wishes.push({ x: caller.x + along, y: caller.y })
      if (from === index && callee) wishes.push({ x: callee.x - along, y: callee.y })
    }
    const wish = meanOf(wishes) ?? besideGroup(group) ?? { x: left + waiting++ * nearPx, y: below }
    // Two that start at one point would push each other in a direction that nothing decides.
    return { wish, room: null, x: wish.x, y: wish.y + (index % 7) }
  })

  function besideGroup(group: string): Point | undefined {
    const mates = nodes.flatMap(node => (node.group === group ? (fixed[node.id] ?? []) : []))
    if (mates.length === 0) return undefined
    return {
      x: Math.min(...mates.map(mate => mate.x)),
      y: Math.max(...mates.map(mate => mate.y)) + nearPx,
    }
  }
}

function meanOf(points: readonly Point[]): Point | undefined {
  if (points.length === 0) return undefined
  const sum = points.reduce((total, point) => ({ x: total.x + point.x, y: total.y + point.y }))
  return { x: sum.x / points.length, y: sum.y / points.length }
}
