import { drawBoxes, drawBoxNames } from './draw-boxes.ts'
import { drawEdgeMarks } from './draw-edge-marks.ts'
import { drawEdges } from './draw-edges.ts'
import { drawNodeLabels } from './draw-labels.ts'
import { drawNodes } from './draw-nodes.ts'
import type { Painting } from './painting.ts'
import { RoomTaker } from './take-room.ts'

/** Draws the whole picture. */
export function drawPicture(context: CanvasRenderingContext2D, painting: Painting): void {
  const { size, view, ratio } = painting
  const onScreen = (): void => context.setTransform(ratio, 0, 0, ratio, 0, 0)
  onScreen()
  context.clearRect(0, 0, size.width, size.height)
  const inPicture = view.scale * ratio
  context.setTransform(inPicture, 0, 0, inPicture, view.left * ratio, view.top * ratio)
  if (painting.hasBoxes) drawBoxes(context, painting)
  drawEdges(context, painting)
  drawNodes(context, painting)
  onScreen()
  const room = new RoomTaker()
  if (painting.hasBoxes) drawBoxNames(context, painting, room)
  drawNodeLabels(context, painting, room)
  drawEdgeMarks(context, painting, room)
}
