import { select } from 'd3-selection'
import { type D3ZoomEvent, type ZoomBehavior, zoom, zoomIdentity } from 'd3-zoom'
import { drawOver, drawPicture } from './draw-picture.ts'
import type { EdgeLabel } from './edge-look.ts'
import type { Emphasis, Target } from './emphasis.ts'
import type { Graph } from './graph.ts'
import type { Flow, Point } from './layout.ts'
import { NodeIndex } from './node-index.ts'
import { faintAlpha, isSlow, type Painting } from './painting.ts'
import { type Palette, readPalette } from './palette.ts'
import { bendEdges, bendEdgesAt, emptyScene, type SceneNode, sceneAround, sceneAt, sceneOf } from './scene.ts'
import { listenToStage, type StageEvents } from './stage-input.ts'
import { SteadyPicture } from './steady-picture.ts'
import { TextSprites } from './text-sprites.ts'
import { boundsOf, fitBounds, fitWidth, type Size, scaleLimits, toScreen, type Viewport } from './viewport.ts'

/** How the picture is to be seen, apart from where things are. */
interface Dress {
  readonly label: EdgeLabel
  readonly hasBoxes: boolean
  /** While nothing is looked at. */
  readonly emphasis: Emphasis | null
  readonly selected: Target | null
  readonly hovered: Target | null
  /** What stands out for what is hovered over; `null` with it. */
  readonly looked: Emphasis | null
  readonly focused: string | null
}

/** A canvas that shows a graph and can be moved, enlarged and clicked. */
export interface Stage {
  /** Shows the graph; nodes glide from where they were. `fit` shows all of it. */
  show(graph: Graph, places: ReadonlyMap<string, Point>, flow: Flow, fit: boolean): void
  dress(dress: Dress): void
  zoomBy(factor: number): void
  fit(): void
  /** Brings a node into the middle; with `onlyIfHidden` one that can be read already stays where it is. */
  centre(id: string, onlyIfHidden?: boolean): void
  /** Where the node is in the picture; `null` for one that is not there. */
  placeOf(id: string): Point | null
  close(): void
}

const mostFitScale = 1.25
const fitMargin = 72
/** Below this scale a node is a dot. */
const leastReadScale = 0.35
const glideMs = 320
/** More nodes than this go to new places at once: their lines take too long to draw anew for every step. */
const mostGliding = 300

/** Each frame has so long for a picture that is drawn in steps: while the view moves, when it rests, and when nothing is there yet. */
const stepsMs = { moving: 5, resting: 10, first: 24 } as const
const restsAfterMs = 120
/** On a canvas narrower than this not all of a picture can be read at once. */
const narrowPx = 560
/** Room beside all of a picture: for names, and for the buttons at the right. */
const besidePx = { narrow: { left: 8, right: 8 }, wide: { left: 24, right: 48 } } as const

/** Opens a stage on a canvas. It draws when something changed, never by itself. */
export function openStage(canvas: HTMLCanvasElement, events: StageEvents): Stage {
  const context = canvas.getContext('2d')
  if (!context) throw new Error('Cannot draw the topology: expected a canvas with a 2d context, got none')
  const controller = new AbortController()
  const { signal } = controller
  const stillness = window.matchMedia('(prefers-reduced-motion: reduce)')
  let scene = emptyScene
  let index = new NodeIndex<SceneNode>([])
  let view: Viewport = { scale: 1, left: 0, top: 0 }
  let size: Size = { width: 0, height: 0 }
  let ratio = 1
  let palette: Palette | null = null
  let sprites = new TextSprites(1)
  let dress: Dress = {
    label: 'rps',
    hasBoxes: false,
    emphasis: null,
    selected: null,
    hovered: null,
    looked: null,
    focused: null,
  }
  let frame = 0
  const steady = new SteadyPicture()
  let hasChanged = false
  let movedAtMs = 0
  let glide: { readonly from: ReadonlyMap<string, Point>; readonly startMs: number } | null = null
  let targets: ReadonlyMap<string, Point> = new Map()
  let isViewOurs = true
  const redraw = (): void => {
    hasChanged = true
    nextFrame()
  }

  const nextFrame = (): void => {
    if (frame === 0) frame = requestAnimationFrame(draw)
  }

  const draw = (nowMs: number): void => {
    frame = 0
    if (size.width === 0) return
    if (glide !== null) advanceGlide(nowMs)
    palette ??= readPalette(canvas.parentElement ?? document.body)
    const painting = { scene, view, size, ratio, palette, sprites, ...dress }
    if (isSlow(scene)) drawSteadily(painting, nowMs)
    else drawPicture(context, { ...painting, emphasis: dress.looked ?? dress.emphasis })
  }

  const drawSteadily = (painting: Painting, nowMs: number): void => {
    if (hasChanged) steady.want({ ...painting, hovered: null })
    hasChanged = false
    const isMoving = nowMs - movedAtMs < restsAfterMs
    const hasMore = steady.work(isMoving ? stepsMs.moving : steady.isWhole ? stepsMs.resting : stepsMs.first)
    // What is held follows the pointer at once, and what is looked at lies over a faint picture of all.
    const held = input.held()
    const around =
      held?.isMoved === true ? sceneAround(scene, held.node) : dress.hovered && sceneAt(scene, dress.hovered)
    steady.show(context, painting, around !== null && dress.looked !== null ? faintAlpha : 1)
    if (around !== null) drawOver(context, { ...painting, scene: around, hasBoxes: false, emphasis: null })
    if (hasMore) nextFrame()
  }

  const advanceGlide = (nowMs: number): void => {
    if (glide === null) return
    const share = Math.min((nowMs - glide.startMs) / glideMs, 1)
    const eased = 1 - (1 - share) ** 3
    for (const node of scene.nodes) {
      const to = targets.get(node.node.id)
      if (to === undefined) continue
      const from = glide.from.get(node.node.id) ?? to
      node.x = from.x + (to.x - from.x) * eased
      node.y = from.y + (to.y - from.y) * eased
    }
    settle()
    if (share < 1) redraw()
    else glide = null
  }

  const settle = (): void => {
    bendEdges(scene)
    index = new NodeIndex(scene.nodes)
  }

  const input = listenToStage(
    canvas,
    () => ({ scene, index, view }),
    {
      ...events,
      onDrag(node, to) {
        glide = null
        ;[node.x, node.y] = [to.x, to.y]
        movedAtMs = performance.now()
        bendEdgesAt(scene, node)
        redraw()
      },
      onDrop: settle,
    },
    signal,
  )

  const surface = select<HTMLCanvasElement, unknown>(canvas)
  const zooming: ZoomBehavior<HTMLCanvasElement, unknown> = zoom<HTMLCanvasElement, unknown>()
    .scaleExtent([...scaleLimits])
    .filter(
      (event: MouseEvent | WheelEvent | TouchEvent) =>
        input.held() === null &&
        !('button' in event && event.button !== 0) &&
        (event.type === 'wheel' || !event.ctrlKey),
    )
    .on('zoom', ({ transform, sourceEvent }: D3ZoomEvent<HTMLCanvasElement, unknown>) => {
      view = { scale: transform.k, left: transform.x, top: transform.y }
      movedAtMs = performance.now()
      if (sourceEvent) isViewOurs = false
      redraw()
    })
  surface.call(zooming).on('dblclick.zoom', null)

  const look = (next: Viewport): void => {
    zooming.transform(surface, zoomIdentity.translate(next.left, next.top).scale(next.scale))
  }

  const fit = (): void => {
    const bounds = boundsOf(
      [...scene.byId.keys()].flatMap(id => targets.get(id) ?? []),
      fitMargin,
    )
    if (bounds && size.width > 0) {
      const all = { ...bounds, bottom: bounds.bottom + 24 }
      const isNarrow = size.width < narrowPx
      const { left, right } = isNarrow ? besidePx.narrow : besidePx.wide
      const room = { ...size, width: size.width - left - right }
      const next = isNarrow ? fitWidth(all, room, mostFitScale) : fitBounds(all, room, mostFitScale)
      look({ ...next, left: next.left + left })
    }
    isViewOurs = true
  }

  const resize = (): void => {
    const { clientWidth, clientHeight } = canvas
    if (clientWidth === 0 || clientHeight === 0) return
    const before = size
    size = { width: clientWidth, height: clientHeight }
    const nextRatio = window.devicePixelRatio || 1
    if (nextRatio !== ratio) sprites = new TextSprites(nextRatio)
    ratio = nextRatio
    canvas.width = Math.round(clientWidth * ratio)
    canvas.height = Math.round(clientHeight * ratio)
    if (isViewOurs) fit()
    else if (before.width > 0) {
      look({
        ...view,
        left: view.left + (size.width - before.width) / 2,
        top: view.top + (size.height - before.height) / 2,
      })
    }
    hasChanged = true
    draw(performance.now())
  }

  const recolour = (): void => {
    palette = null
    sprites = new TextSprites(ratio)
    redraw()
  }

  const sizes = new ResizeObserver(resize)
  sizes.observe(canvas)
  const themes = new MutationObserver(recolour)
  themes.observe(document.documentElement, { attributes: true, attributeFilter: ['data-theme'] })
  const scheme = window.matchMedia('(prefers-color-scheme: dark)')
  scheme.addEventListener('change', recolour, { signal })
  document.fonts.addEventListener('loadingdone', recolour, { signal })
  resize()

  return {
    show(graph, places, flow, wantsFit) {
      const before = new Map(scene.nodes.map(({ node: { id }, x, y }) => [id, { x, y }]))
      scene = sceneOf(graph, places, flow, scene)
      if (wantsFit) steady.forget()
      targets = places
      const moves = scene.nodes.some(({ node: { id }, x, y }) => {
        const was = before.get(id)
        return was !== undefined && (was.x !== x || was.y !== y)
      })
      if (moves && !stillness.matches && scene.nodes.length <= mostGliding) {
        glide = { from: before, startMs: performance.now() }
        advanceGlide(performance.now())
      } else {
        glide = null
        index = new NodeIndex(scene.nodes)
      }
      if (input.carryInto(scene)) settle()
      if (wantsFit) fit()
      redraw()
    },
    dress(next) {
      const isOverIt =
        next.label === dress.label &&
        next.hasBoxes === dress.hasBoxes &&
        next.emphasis === dress.emphasis &&
        next.selected === dress.selected &&
        next.focused === dress.focused
      dress = next
      // What is hovered over is drawn over a large picture, and no part of it.
      if (isOverIt && isSlow(scene)) nextFrame()
      else redraw()
    },
    zoomBy(factor) {
      isViewOurs = false
      zooming.scaleBy(surface, factor)
    },
    fit,
    centre(id, onlyIfHidden = false) {
      const place = targets.get(id)
      if (place === undefined) return
      const { x, y } = toScreen(view, place)
      const isReadable = view.scale >= leastReadScale
      if (onlyIfHidden && isReadable && x > 30 && y > 30 && x < size.width - 30 && y < size.height - 30)
        return
      isViewOurs = false
      const scale = Math.max(view.scale, 0.9)
      look({ scale, left: size.width / 2 - place.x * scale, top: size.height / 2 - place.y * scale })
    },
    placeOf(id) {
      const node = scene.byId.get(id)
      return node === undefined ? null : { x: node.x, y: node.y }
    },
    close() {
      controller.abort()
      sizes.disconnect()
      themes.disconnect()
      surface.on('.zoom', null)
      cancelAnimationFrame(frame)
      frame = 0
    },
  }
}
