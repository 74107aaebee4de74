import { isInsecure } from '#lib/api/edge-filter.ts'
import { isFailing } from '#lib/topology/edge-verdict.ts'
import { type Curve, pointOn } from './edge-curve.ts'
import { edgeText } from './edge-look.ts'
import { isSeen, type Painting, verdictColour } from './painting.ts'
import type { SceneEdge } from './scene.ts'
import type { RoomTaker } from './take-room.ts'
import { textHeightPx } from './text-sprites.ts'
import { toScreen } from './viewport.ts'

const markPx = 15
/** Below this scale only edges that need a look have marks. */
const allFromScale = 0.55
const steps = [0.5, 0.4, 0.6, 0.32, 0.68, 0.25, 0.75] as const

/** So many marks are drawn in a few milliseconds. */
const marksInStep = 24

/** Draws, in steps, what is told at an edge's middle: its lock, its mark when it fails, and its label, where there is room. */
export function* drawEdgeMarks(
  context: CanvasRenderingContext2D,
  painting: Painting,
  room: RoomTaker,
): Generator<void> {
  const { scene, emphasis, view } = painting
  const shown = scene.edges.filter(({ edge, curve }) => {
    if (emphasis !== null && !emphasis.edges.has(edge.id)) return false
    if (view.scale < allFromScale && !needsLook(edge) && emphasis === null) return false
    const middle = pointOn(curve, 0.5)
    return isSeen(painting, middle.x, middle.y, 40)
  })
  shown.sort((a, b) => weight(painting, b) - weight(painting, a))
  for (const [at, edge] of shown.entries()) {
    if (at % marksInStep === marksInStep - 1) yield
    drawMarks(context, painting, edge, room)
  }
}

function needsLook(edge: SceneEdge['edge']): boolean {
  return isFailing(edge) || isInsecure(edge) || edge.disagreement !== undefined
}

function weight({ selected, hovered }: Painting, { edge }: SceneEdge): number {
  const isChosen = selected?.id === edge.id || hovered?.id === edge.id
  return (
    (isChosen ? 1e9 : 0) + (isFailing(edge) ? 1e8 : 0) + (isInsecure(edge) ? 1e7 : 0) + (edge.golden.rps ?? 0)
  )
}

function drawMarks(
  context: CanvasRenderingContext2D,
  painting: Painting,
  item: SceneEdge,
  room: RoomTaker,
): void {
  const { palette, sprites, label, view } = painting
  const { edge, look } = item
  const style = {
    font: `500 11px ${palette.fontFamily}`,
    fill:
      look.verdict === 'good' || look.verdict === 'quiet'
        ? palette.textQuiet
        : verdictColour(palette, look.verdict),
    halo: 'transparent',
  }
  const isFar = view.scale < allFromScale
  const text = isFar ? '' : edgeText(edge, label)
  const signs: Sign[] = []
  if (look.verdict === 'denied' || look.verdict === 'warn' || look.verdict === 'bad') signs.push(look.verdict)
  if (edge.disagreement !== undefined) signs.push('disagreement')
  if (look.lock !== 'unknown' || look.verdict !== 'denied') signs.push(look.lock)
  const signsWidth = signs.length * markPx
  const texts = text === '' ? [''] : [text, '']
  for (const attempt of texts) {
    const width = signsWidth + (attempt === '' ? 4 : sprites.widthOf(attempt, style) + 2)
    const place = freePlace(painting, item.curve, width, room)
    if (place === null) continue
    context.beginPath()
    context.roundRect(place.left, place.top, width, textHeightPx + 2, 9)
    context.fillStyle = palette.surface
    context.fill()
    context.lineWidth = 1
    context.strokeStyle = palette.line
    context.stroke()
    for (const [at, sign] of signs.entries()) {
      drawSign(context, painting, sign, place.left + 2 + at * markPx, place.top + 1.5)
    }
    if (attempt !== '') sprites.draw(context, attempt, style, place.left + signsWidth, place.top + 1)
    return
  }
}

function freePlace(
  { view, size }: Painting,
  curve: Curve,
  width: number,
  room: RoomTaker,
): { readonly left: number; readonly top: number } | null {
  const height = textHeightPx + 2
  for (const step of steps) {
    const middle = toScreen(view, pointOn(curve, step))
    const place = { left: middle.x - width / 2, top: middle.y - height / 2 }
    const isWhole = place.left >= 0 && place.left + width <= size.width
    if (isWhole && room.take({ ...place, width, height })) return place
  }
  return null
}

type Sign = SceneEdge['look']['lock'] | 'denied' | 'warn' | 'bad' | 'disagreement'

/** Draws a sign of 15 by 15 px: locks, `⊘`, `▲`, `■` and `≠`. */
function drawSign(
  context: CanvasRenderingContext2D,
  { palette }: Painting,
  sign: Sign,
  left: number,
  top: number,
): void {
  context.save()
  context.translate(left, top)
  context.lineWidth = 1.4
  context.lineCap = 'round'
  context.beginPath()
  switch (sign) {
    case 'denied':
      context.arc(7, 7.5, 4.6, 0, 2 * Math.PI)
      context.moveTo(3.9, 10.6)
      context.lineTo(10.1, 4.4)
      context.strokeStyle = palette.bad
      context.stroke()
      break
    case 'bad':
      context.roundRect(3, 3.5, 8, 8, 1)
      context.fillStyle = palette.bad
      context.fill()
      break
    case 'warn':
      context.moveTo(7, 2.8)
      context.lineTo(11.8, 11.6)
      context.lineTo(2.2, 11.6)
      context.closePath()
      context.fillStyle = palette.warn
      context.fill()
      break
    case 'disagreement':
      context.moveTo(3, 6)
      context.lineTo(11, 6)
      context.moveTo(3, 9.5)
      context.lineTo(11, 9.5)
      context.moveTo(9, 3.5)
      context.lineTo(5, 12)
      context.strokeStyle = palette.warn
      context.stroke()
      break
    case 'all':
    case 'some':
    case 'none':
    case 'unknown':
      drawLock(context, sign, sign === 'all' ? palette.textQuiet : palette.warn)
      break
  }
  context.restore()
}

function drawLock(context: CanvasRenderingContext2D, lock: SceneEdge['look']['lock'], colour: string): void {
  context.strokeStyle = colour
  context.fillStyle = colour
  context.moveTo(4.6, 7)
  context.lineTo(4.6, 5)
  if (lock === 'none') context.arc(7, 5, 2.4, Math.PI, Math.PI * 1.8)
  else {
    context.arc(7, 5, 2.4, Math.PI, 2 * Math.PI)
    context.lineTo(9.4, 7)
  }
  context.stroke()
  context.beginPath()
  context.roundRect(3.2, 7, 7.6, 5.2, 1)
  if (lock === 'all') context.fill()
  if (lock === 'some') {
    context.stroke()
    context.fillRect(3.2, 9.6, 7.6, 2.6)
  }
  if (lock === 'none') context.stroke()
  if (lock === 'unknown') {
    context.setLineDash([1.5, 1.8])
    context.stroke()
  }
}
