import { distanceTo } from './edge-curve.ts'
import type { Target } from './emphasis.ts'
import type { Point } from './layout.ts'
import type { NodeIndex } from './node-index.ts'
import type { Scene, SceneNode } from './scene.ts'
import { toPicture, type Viewport } from './viewport.ts'

export interface StageEvents {
  /** Somebody clicked: on a node, an edge, or beside everything. */
  readonly onSelect: (target: Target | null) => void
  readonly onHover: (target: Target | null, at: Point) => void
  /** Somebody double-clicked a node. */
  readonly onOpen: (id: string) => void
  /** Somebody put a node to another place. */
  readonly onMoved: (id: string, to: Point) => void
}

/** What there is to point at now. */
export interface Pointable {
  readonly scene: Scene
  readonly index: NodeIndex<SceneNode>
  readonly view: Viewport
}

interface DragEvents {
  /** The node follows the pointer to a place in the picture. */
  readonly onDrag: (node: SceneNode, to: Point) => void
  /** The node was let go, before `onMoved` tells so. */
  readonly onDrop: () => void
}

interface Hold {
  readonly node: SceneNode
  readonly start: Point
  readonly grip: Point
  isMoved: boolean
}

/** The pointer over a stage. */
export interface StageInput {
  /** The node that is pressed; whether it was moved already. `null`: none is. */
  held(): Readonly<Pick<Hold, 'node' | 'isMoved'>> | null
  /** Keeps the pressed node in its place in a scene that was made anew. Whether there was one. */
  carryInto(scene: Scene): boolean
}

const reach = { node: 6, edge: 7 } as const
const dragFromPx = 4

/** Listens to what a pointer does on a canvas, until `signal` ends it: hover, click, double click, dragging a node. */
export function listenToStage(
  canvas: HTMLCanvasElement,
  pointable: () => Pointable,
  events: StageEvents & DragEvents,
  signal: AbortSignal,
): StageInput {
  let held: Hold | null = null
  let press: Point | null = null

  const at = ({ clientX, clientY }: MouseEvent): Point => {
    const { left, top } = canvas.getBoundingClientRect()
    return { x: clientX - left, y: clientY - top }
  }
  const release = (event: PointerEvent): void => {
    const start = press
    const hold = held
    press = null
    held = null
    if (start === null) return
    if (hold?.isMoved === true) {
      const { node, x, y } = hold.node
      events.onDrop()
      events.onMoved(node.id, { x, y })
      return
    }
    const screen = at(event)
    if (distance(screen, start) < dragFromPx) events.onSelect(targetAt(pointable(), screen))
  }

  canvas.addEventListener(
    'pointerdown',
    event => {
      if (event.button !== 0 || !event.isPrimary) return
      const screen = at(event)
      press = screen
      const now = pointable()
      const node = nodeAt(now, screen)
      if (node === null) return
      const inPicture = toPicture(now.view, screen)
      held = {
        node,
        start: screen,
        grip: { x: node.x - inPicture.x, y: node.y - inPicture.y },
        isMoved: false,
      }
      canvas.setPointerCapture(event.pointerId)
    },
    { signal },
  )
  canvas.addEventListener(
    'pointermove',
    event => {
      const screen = at(event)
      if (held === null) {
        if (press !== null) return
        const target = targetAt(pointable(), screen)
        canvas.style.cursor = target === null ? 'grab' : 'pointer'
        events.onHover(target, screen)
        return
      }
      if (!held.isMoved && distance(screen, held.start) < dragFromPx) return
      held.isMoved = true
      const inPicture = toPicture(pointable().view, screen)
      events.onDrag(held.node, { x: inPicture.x + held.grip.x, y: inPicture.y + held.grip.y })
    },
    { signal },
  )
  canvas.addEventListener('pointerup', release, { signal })
  canvas.addEventListener('pointercancel', () => ([press, held] = [null, null]), { signal })
  canvas.addEventListener('pointerleave', () => events.onHover(null, { x: 0, y: 0 }), { signal })
  canvas.addEventListener(
    'dblclick',
    event => {
      const node = nodeAt(pointable(), at(event))
      if (node) events.onOpen(node.node.id)
    },
    { signal },
  )

  return {
    held: () => held,
    carryInto(scene) {
      const node = held === null ? undefined : scene.byId.get(held.node.node.id)
      if (held === null || node === undefined) return false
      ;[node.x, node.y] = [held.node.x, held.node.y]
      held = { ...held, node }
      return true
    },
  }
}

function nodeAt({ index, view }: Pointable, screen: Point): SceneNode | null {
  const inPicture = toPicture(view, screen)
  const node = index.nearest(inPicture, 34 + reach.node / view.scale)
  if (node === null) return null
  return distance(node, inPicture) <= node.radius + reach.node / view.scale ? node : null
}

function targetAt(pointable: Pointable, screen: Point): Target | null {
  const node = nodeAt(pointable, screen)
  if (node) return { type: 'node', id: node.node.id }
  const { scene, view } = pointable
  const inPicture = toPicture(view, screen)
  const most = reach.edge / view.scale
  let nearest: Target | null = null
  let least = most
  for (const { edge, curve } of scene.edges) {
    const away = distanceTo(curve, inPicture, most)
    if (away < least) [nearest, least] = [{ type: 'edge', id: edge.id }, away]
  }
  return nearest
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y)
}
