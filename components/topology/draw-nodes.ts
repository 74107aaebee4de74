import { iconOf, shapeOf } from './kind-icons.ts'
import { detailFromScale, faintAlpha, isPlain, isSeen, type Painting, verdictColour } from './painting.ts'
import { nodeRadius, type SceneNode } from './scene.ts'

const smallestRadiusPx = 4

const iconPaths = new Map<string, Path2D>()

function iconPath(kind: string): Path2D {
  const known = iconPaths.get(kind)
  if (known) return known
  const path = new Path2D(iconOf(kind))
  iconPaths.set(kind, path)
  return path
}

/** So many nodes are drawn in a few milliseconds. */
const nodesInStep = 60

/** Draws every node that can be seen, in steps; those that stand out last. */
export function* drawNodes(context: CanvasRenderingContext2D, painting: Painting): Generator<void> {
  if (isPlain(painting)) {
    yield* drawDots(context, painting)
    return
  }
  const { scene, emphasis } = painting
  const seen = scene.nodes.filter(({ x, y }) => isSeen(painting, x, y, 80))
  for (const [at, node] of seen.entries()) {
    if (at % nodesInStep === nodesInStep - 1) yield
    if (emphasis?.nodes.has(node.node.id)) continue
    drawNode(context, painting, node, emphasis !== null)
  }
  yield
  if (emphasis === null) return
  for (const id of emphasis.nodes) {
    const node = scene.byId.get(id)
    if (node && isSeen(painting, node.x, node.y, 80)) drawNode(context, painting, node, false)
  }
}

/** Draws nodes as dots, all of a colour at once, worse ones over better ones. */
function* drawDots(context: CanvasRenderingContext2D, painting: Painting): Generator<void> {
  const { scene, emphasis, view, palette } = painting
  const byColour = new Map<string, SceneNode[]>()
  const standingOut: SceneNode[] = []
  for (const item of scene.nodes) {
    if (!isSeen(painting, item.x, item.y, 20)) continue
    const isNamed = emphasis?.nodes.has(item.node.id) === true || isLookedAt(painting, item.node.id)
    if (isNamed || item.verdict === 'bad' || item.verdict === 'warn' || item.node.folded > 0) {
      standingOut.push(item)
      continue
    }
    const colour = ringColour(painting, item)
    const known = byColour.get(colour)
    if (known) known.push(item)
    else byColour.set(colour, [item])
  }
  const size = Math.max(nodeRadius * 1.5, 7 / view.scale)
  const rim = 1.2 / view.scale
  for (const [colour, items] of byColour) {
    context.fillStyle = colour
    context.globalAlpha = emphasis === null ? 1 : faintAlpha * 2
    for (const { x, y } of items) context.fillRect(x - size / 2, y - size / 2, size, size)
    context.fillStyle = palette.surface
    for (const { x, y } of items) {
      context.fillRect(x - size / 2 + rim, y - size / 2 + rim, size - 2 * rim, size - 2 * rim)
    }
  }
  context.globalAlpha = 1
  yield
  for (const [at, item] of standingOut.entries()) {
    if (at % nodesInStep === nodesInStep - 1) yield
    drawNode(context, painting, item, emphasis !== null && !emphasis.nodes.has(item.node.id))
  }
}

function isLookedAt({ selected, hovered, focused }: Painting, id: string): boolean {
  return selected?.id === id || hovered?.id === id || focused === id
}

function drawNode(
  context: CanvasRenderingContext2D,
  painting: Painting,
  item: SceneNode,
  isFaint: boolean,
): void {
  const { palette, view } = painting
  const { node, state, x, y } = item
  const radius = Math.max(item.radius, smallestRadiusPx / view.scale)
  const ringWidth = Math.max(radius * 0.16, 1.2 / view.scale)
  drawHalo(context, painting, item, radius)
  // An opaque body first: lines must not shine through what is faint.
  outline(context, item, x, y, radius)
  context.fillStyle = palette.surface
  context.fill()
  context.globalAlpha = isFaint ? faintAlpha * 2 : 1
  if (node.folded > 0) {
    outline(context, item, x + 4, y - 4, radius)
    context.lineWidth = 1.2
    context.strokeStyle = palette.lineStrong
    context.stroke()
    outline(context, item, x, y, radius)
    context.fillStyle = palette.surface
    context.fill()
  }
  outline(context, item, x, y, radius)
  context.lineWidth = ringWidth
  const isTold = state === 'busy' || item.verdict !== 'quiet'
  context.setLineDash(state === 'unmeshed' ? [5, 4] : state === 'serviceaccount' ? [1.5, 4] : [])
  context.lineCap = state === 'serviceaccount' ? 'round' : 'butt'
  context.strokeStyle = ringColour(painting, item)
  if (!isTold) context.lineWidth = ringWidth * 0.6
  context.stroke()
  context.setLineDash([])
  context.lineCap = 'butt'
  drawFailures(context, painting, item, radius, ringWidth)
  if (view.scale >= detailFromScale) {
    context.save()
    context.translate(x, y)
    const size = radius * 1.02
    context.scale(size / 16, size / 16)
    context.translate(-8, -8)
    context.lineWidth = 1.25
    context.lineJoin = 'round'
    context.strokeStyle = state === 'busy' ? palette.text : palette.textQuiet
    context.stroke(iconPath(node.kind))
    context.restore()
    drawMark(context, painting, item, radius)
  }
  context.globalAlpha = 1
}

function outline(
  context: CanvasRenderingContext2D,
  { node }: SceneNode,
  x: number,
  y: number,
  radius: number,
): void {
  context.beginPath()
  switch (shapeOf(node)) {
    case 'circle':
      context.arc(x, y, radius, 0, 2 * Math.PI)
      break
    case 'square':
      context.roundRect(x - radius * 0.92, y - radius * 0.92, radius * 1.84, radius * 1.84, radius * 0.32)
      break
    case 'diamond':
      context.moveTo(x, y - radius * 1.15)
      context.lineTo(x + radius * 1.15, y)
      context.lineTo(x, y + radius * 1.15)
      context.lineTo(x - radius * 1.15, y)
      context.closePath()
      break
  }
}

function ringColour({ palette }: Painting, { state, verdict }: SceneNode): string {
  if (verdict !== 'quiet') return verdictColour(palette, verdict)
  switch (state) {
    case 'busy':
      return palette.accent
    case 'unanswered':
      return palette.warn
    case 'idle':
    case 'unmeshed':
    case 'external':
    case 'serviceaccount':
      return palette.lineStrong
  }
}

/** The share of failures as a part of the ring, from the top on; a small share is drawn as one that can be seen. */
function drawFailures(
  context: CanvasRenderingContext2D,
  { palette }: Painting,
  { node, x, y }: SceneNode,
  radius: number,
  ringWidth: number,
): void {
  const { successRate } = node.golden
  if (successRate === null || successRate === 1 || shapeOf(node) !== 'circle') return
  const share = Math.max(1 - successRate, 0.04)
  context.beginPath()
  context.arc(x, y, radius, -Math.PI / 2, -Math.PI / 2 + share * 2 * Math.PI)
  context.lineWidth = ringWidth
  context.strokeStyle = palette.bad
  context.stroke()
}

/** The mark of a failing, denied or unanswered node at its lower right, in a shape of its own for each. */
function drawMark(
  context: CanvasRenderingContext2D,
  { palette }: Painting,
  { node, state, verdict, x, y }: SceneNode,
  radius: number,
): void {
  const isDenied = node.badges.includes('denied')
  if (verdict !== 'warn' && verdict !== 'bad' && !isDenied && state !== 'unanswered') return
  const [cx, cy, size] = [x + radius * 0.78, y + radius * 0.78, 7.5]
  const isBad = isDenied || verdict === 'bad'
  context.beginPath()
  if (isBad && !isDenied) context.roundRect(cx - size, cy - size, size * 2, size * 2, 2)
  else if (isBad) context.arc(cx, cy, size, 0, 2 * Math.PI)
  else {
    context.moveTo(cx, cy - size * 1.15)
    context.lineTo(cx + size * 1.15, cy + size * 0.85)
    context.lineTo(cx - size * 1.15, cy + size * 0.85)
    context.closePath()
  }
  context.fillStyle = isBad ? palette.bad : palette.warn
  context.fill()
  context.lineWidth = 2
  context.strokeStyle = palette.surface
  context.stroke()
  context.beginPath()
  if (isDenied) {
    context.moveTo(cx - 3.5, cy)
    context.lineTo(cx + 3.5, cy)
  } else {
    context.moveTo(cx, cy - 3.5)
    context.lineTo(cx, cy + 1.5)
    context.moveTo(cx, cy + 3.6)
    context.lineTo(cx, cy + 4.6)
  }
  context.lineWidth = 1.8
  context.stroke()
}

/** What is selected, looked at or reached by keyboard glows. */
function drawHalo(
  context: CanvasRenderingContext2D,
  { palette, selected, hovered, focused, view }: Painting,
  { node: { id }, x, y }: SceneNode,
  radius: number,
): void {
  const isSelected = selected?.type === 'node' && selected.id === id
  const isHovered = hovered?.type === 'node' && hovered.id === id
  if (!isSelected && !isHovered && focused !== id) return
  context.beginPath()
  context.arc(x, y, radius + Math.max(8, 5 / view.scale), 0, 2 * Math.PI)
  context.globalAlpha = isSelected ? 0.3 : 0.16
  context.fillStyle = palette.accent
  context.fill()
  context.globalAlpha = 1
  if (focused !== id) return
  context.lineWidth = Math.max(2, 2 / view.scale)
  context.strokeStyle = palette.accent
  context.stroke()
}
