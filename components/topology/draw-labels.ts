import { percent, quantityText, requestRate } from '#lib/metrics/format.ts'
import { isSeen, type Painting } from './painting.ts'
import type { SceneNode } from './scene.ts'
import type { RoomTaker } from './take-room.ts'
import { textHeightPx } from './text-sprites.ts'
import { toScreen } from './viewport.ts'

/** Of a longer name its middle is left out: at once, and where there is no room for so much of it. */
const mostLetters = { usual: 24, crowded: 13 } as const
/** From this scale on nodes also tell their numbers. */
const numbersFromScale = 0.62

/** So many names are written in a few milliseconds, even for the first time. */
const namesInStep = 16

/** Names nodes, in steps, the important ones first, wherever there is room. */
export function* drawNodeLabels(
  context: CanvasRenderingContext2D,
  painting: Painting,
  room: RoomTaker,
): Generator<void> {
  const { emphasis } = painting
  const seen = painting.scene.nodes.filter(node => isSeen(painting, node.x, node.y, 60))
  for (const item of seen) takeNode(painting, item, room)
  const weights = new Map(seen.map(item => [item, importance(painting, item)]))
  seen.sort((a, b) => (weights.get(b) ?? 0) - (weights.get(a) ?? 0))
  yield
  let written = 0
  for (const item of seen) {
    const isFaint = emphasis !== null && !emphasis.nodes.has(item.node.id)
    if (isFaint && painting.view.scale < 0.5) continue
    context.globalAlpha = isFaint ? 0.3 : 1
    if (drawLabel(context, painting, item, room) && ++written % namesInStep === 0) yield
  }
  context.globalAlpha = 1
}

function takeNode({ view }: Painting, item: SceneNode, room: RoomTaker): void {
  const at = toScreen(view, item)
  const radius = item.radius * view.scale * 0.8
  room.take({ left: at.x - radius, top: at.y - radius, width: radius * 2, height: radius * 2 })
}

function importance({ selected, hovered, focused, emphasis }: Painting, item: SceneNode): number {
  const { id } = item.node
  const isChosen = selected?.id === id || hovered?.id === id || focused === id
  return (
    (isChosen ? 1e9 : 0) +
    (emphasis?.nodes.has(id) === true ? 1e8 : 0) +
    (item.verdict === 'bad' || item.node.badges.includes('denied') ? 1e7 : 0) +
    (item.verdict === 'warn' ? 1e6 : 0) +
    (item.node.golden.rps ?? 0) +
    item.node.folded
  )
}

/** Says whether there was room. */
function drawLabel(
  context: CanvasRenderingContext2D,
  { view, size, palette, sprites }: Painting,
  item: SceneNode,
  room: RoomTaker,
): boolean {
  const at = toScreen(view, item)
  const strong = { font: `600 12px ${palette.fontFamily}`, fill: palette.text, halo: palette.surface }
  const quiet = { font: `400 11px ${palette.fontFamily}`, fill: palette.textQuiet, halo: palette.surface }
  const top = at.y + item.radius * view.scale + 5
  const isWhole = (text: string): boolean => {
    const half = sprites.widthOf(text, strong) / 2
    return at.x - half >= 0 && at.x + half <= size.width
  }
  const hasRoom = (text: string): boolean => {
    const width = sprites.widthOf(text, strong)
    return room.take({ left: at.x - width / 2, top, width, height: textHeightPx - 1 })
  }
  const { usual, crowded } = mostLetters
  const short = shortened(item.node.name, crowded)
  const wishes = [shortened(item.node.name, usual), short]
  const name = (isWhole(wishes[0] ?? '') ? wishes : [short]).find(hasRoom)
  if (name === undefined) return false
  sprites.draw(context, name, strong, at.x - sprites.widthOf(name, strong) / 2, top)
  const numbers = view.scale < numbersFromScale ? '' : nodeText(item)
  if (numbers === '') return true
  const below = sprites.widthOf(numbers, quiet)
  const box = { left: at.x - below / 2, top: top + textHeightPx - 1, width: below, height: textHeightPx - 2 }
  if (room.take(box)) sprites.draw(context, numbers, quiet, box.left, box.top)
  return true
}

/** The line below a node's name: its numbers, or why it has none. */
export function nodeText({ node, state }: Pick<SceneNode, 'node' | 'state'>): string {
  const { rps, requests, successRate } = node.golden
  const members = node.folded > 0 ? `${node.folded} workloads · ` : ''
  if ((requests ?? 0) > 0) {
    return `${members}${quantityText(requestRate(rps))} · ${quantityText(percent(successRate))}`
  }
  switch (state) {
    case 'idle':
      return `${members}idle`
    case 'unmeshed':
      return `${members}not meshed`
    case 'external':
      return 'external'
    case 'serviceaccount':
      return 'identity only'
    case 'unanswered':
      return `${members}no answer`
    case 'busy':
      return `${members}${(node.tcp.open ?? 0) > 0 ? 'TCP only' : 'sends only'}`
  }
}

function shortened(name: string, letters: number): string {
  if (name.length <= letters) return name
  const end = Math.floor(letters / 3)
  return `${name.slice(0, letters - end - 1)}…${name.slice(-end)}`
}
