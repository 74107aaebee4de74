import type { EdgeLook } from './edge-look.ts'
import {
  detailFromScale,
  faintAlpha,
  hasManyEdges,
  isPlain,
  type Painting,
  verdictColour,
} from './painting.ts'
import { type EdgeBatch, pathsOf, type SceneEdge } from './scene.ts'

const dashes: Readonly<Record<EdgeLook['dash'], readonly number[]>> = {
  solid: [],
  tcp: [11, 5],
  denied: [2, 5],
  quiet: [4, 5],
}

/** Below this scale arrow heads are too small to tell anything. */
const arrowsFromScale = 0.3

/** With many edges those that need no look step back. */
const calmAlpha = 0.6

/** Draws the lines: all that look the same in one stroke, worse ones over better ones, then those that stand out. */
export function* drawEdges(context: CanvasRenderingContext2D, painting: Painting): Generator<void> {
  const { scene, emphasis, selected, hovered } = painting
  const isFull = hasManyEdges(scene)
  for (const batch of scene.batches) {
    const isCalm = batch.look.verdict === 'good' || batch.look.verdict === 'quiet'
    context.globalAlpha = emphasis !== null ? faintAlpha : isFull && isCalm ? calmAlpha : 1
    drawBatch(context, painting, isFull ? seenPart(painting, batch) : batch, isPlain(painting) && isCalm)
    yield
  }
  context.globalAlpha = 1
  if (emphasis !== null) {
    for (const batch of scene.batches) {
      const edges = batch.edges.filter(edge => emphasis.edges.has(edge.edge.id))
      if (edges.length > 0) drawBatch(context, painting, { ...batch, edges, ...pathsOf(edges) }, false)
    }
    yield
  }
  for (const target of [hovered, selected]) {
    const edge =
      target?.type === 'edge' ? scene.edges.find(({ edge: { id } }) => id === target.id) : undefined
    if (edge) drawChosen(context, painting, edge)
  }
}

/** The batch without what lies outside of the view, when the view shows a part only. */
function seenPart(painting: Painting, batch: EdgeBatch): EdgeBatch {
  const { view, size } = painting
  if (view.scale < detailFromScale) return batch
  const [left, top] = [-view.left / view.scale, -view.top / view.scale]
  const [right, bottom] = [left + size.width / view.scale, top + size.height / view.scale]
  const edges = batch.edges.filter(
    ({ curve: [a, b, c, d] }) =>
      Math.max(a.x, b.x, c.x, d.x) > left &&
      Math.min(a.x, b.x, c.x, d.x) < right &&
      Math.max(a.y, b.y, c.y, d.y) > top &&
      Math.min(a.y, b.y, c.y, d.y) < bottom,
  )
  return { ...batch, edges, ...pathsOf(edges) }
}

function drawBatch(
  context: CanvasRenderingContext2D,
  { palette, view: { scale }, ratio }: Painting,
  { look, lines, arrows }: EdgeBatch,
  isThin: boolean,
): void {
  context.strokeStyle = verdictColour(palette, look.verdict)
  if (isThin) {
    context.lineWidth = 1 / (scale * ratio)
    context.stroke(lines)
    return
  }
  const size = Math.min(Math.max(scale, 0.35), 1.4)
  context.lineWidth = (look.widthPx * size) / scale
  context.lineCap = look.dash === 'denied' ? 'round' : 'butt'
  context.setLineDash(dashes[look.dash].map(length => (length * size) / scale))
  context.stroke(lines)
  context.setLineDash([])
  if (scale < arrowsFromScale) return
  context.fillStyle = context.strokeStyle
  context.fill(arrows)
}

function drawChosen(context: CanvasRenderingContext2D, painting: Painting, edge: SceneEdge): void {
  const paths = pathsOf([edge])
  context.lineWidth = (edge.look.widthPx + 7) / painting.view.scale
  context.lineCap = 'round'
  context.globalAlpha = 0.28
  context.strokeStyle = painting.palette.accent
  context.stroke(paths.lines)
  context.globalAlpha = 1
  const look = { ...edge.look, widthPx: edge.look.widthPx + 1 }
  drawBatch(context, painting, { look, edges: [edge], ...paths }, false)
}
