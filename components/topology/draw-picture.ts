import { drawBoxes, drawBoxNames } from './draw-boxes.ts'
import { drawEdgeMarks } from './draw-edge-marks.ts'
import { drawEdges } from './draw-edges.ts'
import { drawNodeLabels } from './draw-labels.ts'
import { drawNodes } from './draw-nodes.ts'
import type { Painting } from './painting.ts'
import { RoomTaker } from './take-room.ts'

/** Draws the whole picture, in steps of a few milliseconds each, over what is there. */
export function* pictureSteps(context: CanvasRenderingContext2D, painting: Painting): Generator<void> {
  const { view, ratio } = painting
  const inPicture = view.scale * ratio
  context.setTransform(inPicture, 0, 0, inPicture, view.left * ratio, view.top * ratio)
  if (painting.hasBoxes) drawBoxes(context, painting)
  yield* drawEdges(context, painting)
  yield* drawNodes(context, painting)
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  const room = new RoomTaker()
  if (painting.hasBoxes) drawBoxNames(context, painting, room)
  yield* drawNodeLabels(context, painting, room)
  yield* drawEdgeMarks(context, painting, room)
}

/** Draws the whole picture at once. */
export function drawPicture(context: CanvasRenderingContext2D, painting: Painting): void {
  const { size, ratio } = painting
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  context.clearRect(0, 0, size.width, size.height)
  drawOver(context, painting)
}

/** Draws the picture over what is there. */
export function drawOver(context: CanvasRenderingContext2D, painting: Painting): void {
  const steps = pictureSteps(context, painting)
  while (steps.next().done !== true);
}
