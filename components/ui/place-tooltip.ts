/** The edges of something on the screen, in pixels from the upper left corner of the page's view. */
export interface Edges {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

interface Size {
  readonly width: number
  readonly height: number
}

const gapPx = 6
const marginPx = 8

/** Where a tooltip stands: above the middle of what it is about, below it where there is no room, never cut. */
export function placeTooltip(about: Edges, tooltip: Size, view: Size): { left: number; top: number } {
  const middle = (about.left + about.right) / 2
  const most = view.width - tooltip.width - marginPx
  const left = Math.max(marginPx, Math.min(middle - tooltip.width / 2, most))
  const above = about.top - gapPx - tooltip.height
  return { left, top: above >= marginPx ? above : about.bottom + gapPx }
}
