import type { Verdict } from '#lib/topology/edge-verdict.ts'
import type { EdgeLabel } from './edge-look.ts'
import type { Emphasis, Target } from './emphasis.ts'
import type { Palette } from './palette.ts'
import type { Scene } from './scene.ts'
import type { TextSprites } from './text-sprites.ts'
import type { Size, Viewport } from './viewport.ts'

/** Everything that one drawing of the picture depends on. */
export interface Painting {
  readonly scene: Scene
  readonly view: Viewport
  readonly size: Size
  /** Pixels of the device to one of the page. */
  readonly ratio: number
  readonly palette: Palette
  readonly sprites: TextSprites
  readonly label: EdgeLabel
  readonly hasBoxes: boolean
  /** `null`: nothing is faint. */
  readonly emphasis: Emphasis | null
  readonly selected: Target | null
  readonly hovered: Target | null
  /** The node that the keyboard is at. */
  readonly focused: string | null
}

/** A picture of more edges than this is drawn in a plainer way while it is small. */
const manyEdges = 300
/** Below this scale an icon is a blot, and a pattern of dashes noise. */
export const detailFromScale = 0.4

/** A scene of more than this takes longer to draw than a frame may. */
const mostAtOnce = 150

/** Whether drawing the scene takes longer than a frame may. */
export function isSlow(scene: Scene): boolean {
  return scene.nodes.length + scene.edges.length > mostAtOnce
}

/** Whether the picture is too large and too small for details. Wide and dashed lines take ten times as long as thin ones. */
export function isPlain({ scene, view }: Painting): boolean {
  return hasManyEdges(scene) && view.scale < detailFromScale
}

export function hasManyEdges(scene: Scene): boolean {
  return scene.edges.length > manyEdges
}

/** What is faint is drawn this strongly. */
export const faintAlpha = 0.14

/** The colour of a verdict. */
export function verdictColour(palette: Palette, verdict: Verdict): string {
  switch (verdict) {
    case 'denied':
    case 'bad':
      return palette.bad
    case 'warn':
      return palette.warn
    case 'good':
      return palette.good
    case 'quiet':
      return palette.lineStrong
  }
}

/** Whether something around a point of the picture can be seen. */
export function isSeen({ view, size }: Painting, x: number, y: number, marginPx: number): boolean {
  const [left, top] = [x * view.scale + view.left, y * view.scale + view.top]
  return left > -marginPx && top > -marginPx && left < size.width + marginPx && top < size.height + marginPx
}
