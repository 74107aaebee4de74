import { faintAlpha, type Painting } from './painting.ts'
import type { SceneNode } from './scene.ts'
import type { RoomTaker } from './take-room.ts'
import { textHeightPx } from './text-sprites.ts'
import { type Bounds, boundsOf, toScreen } from './viewport.ts'

const around = 46
const underLabels = 20

/** The bounds of each namespace's nodes, by its name; those of no namespace have none. */
function namespaceBounds(nodes: readonly SceneNode[]): Map<string, Bounds> {
  const members = new Map<string, SceneNode[]>()
  for (const node of nodes) {
    const { namespace } = node.node
    if (namespace === '') continue
    const known = members.get(namespace)
    if (known) known.push(node)
    else members.set(namespace, [node])
  }
  const bounds = new Map<string, Bounds>()
  for (const [namespace, inside] of members) {
    const box = boundsOf(inside, around)
    if (box)
      bounds.set(namespace, {
        ...box,
        left: box.left - 20,
        right: box.right + 20,
        bottom: box.bottom + underLabels,
      })
  }
  return bounds
}

/** Draws a soft box around each namespace. */
export function drawBoxes(context: CanvasRenderingContext2D, painting: Painting): void {
  const { palette, scene, view, emphasis } = painting
  for (const { left, top, right, bottom } of namespaceBounds(scene.nodes).values()) {
    context.beginPath()
    context.roundRect(left, top, right - left, bottom - top, 16)
    context.fillStyle = palette.surface
    context.globalAlpha = 0.6
    context.fill()
    context.globalAlpha = emphasis === null ? 1 : faintAlpha * 4
    context.lineWidth = 1 / view.scale
    context.strokeStyle = palette.line
    context.stroke()
    context.globalAlpha = 1
  }
}

/** Writes each namespace's name into the upper left corner of its box, above the box where that is small. */
export function drawBoxNames(context: CanvasRenderingContext2D, painting: Painting, room: RoomTaker): void {
  const { palette, scene, view, sprites } = painting
  const style = { font: `600 11px ${palette.fontFamily}`, fill: palette.textQuiet, halo: palette.ground }
  for (const [namespace, { left, top }] of namespaceBounds(scene.nodes)) {
    const at = toScreen(view, { x: left, y: top })
    const place =
      view.scale < 0.6 ? { left: at.x, top: at.y - textHeightPx } : { left: at.x + 8, top: at.y + 5 }
    const isFree = room.take({ ...place, width: sprites.widthOf(namespace, style), height: textHeightPx })
    if (isFree) sprites.draw(context, namespace, style, place.left, place.top)
  }
}
