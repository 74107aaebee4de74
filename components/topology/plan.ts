import { readableNodes } from '#lib/topology/readable-nodes.ts'
import { arrangeBlocks } from './arrange-blocks.ts'
import type { Flow, LayoutRequest, Point } from './layout.ts'

/** More nodes than this take too long to plan while a page is drawn. */
const mostAtOnce = 300

/** The plan of a whole picture that can be made while the page is drawn; `null` for any other picture. */
export function planAtOnce(request: LayoutRequest): Point[] | null {
  return request.nodes.length <= mostAtOnce ? planOf(request) : null
}

/**
 * Where the nodes of a picture are planned, in the order asked, when the plan is all there is to it: of more nodes than
 * people read at once, they need not be nudged towards their neighbours. `null` for a picture that needs that, or in
 * which somebody chose places that others have to make room for.
 */
export function planOf({ nodes, links, fixed, arrange, flow }: LayoutRequest): Point[] | null {
  if (arrange !== 'all' || nodes.length <= readableNodes || Object.keys(fixed).length > 0) return null
  return arrangeBlocks(nodes, links, flow).map(({ point }) => pictured(point, flow))
}

/** A place with calls going along x, as it is in the picture: on whole tenths. */
function pictured({ x, y }: Point, flow: Flow): Point {
  const [along, across] = [Math.round(x * 10) / 10, Math.round(y * 10) / 10]
  return flow === 'right' ? { x: along, y: across } : { x: across, y: along }
}
