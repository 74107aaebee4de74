/** Where a line and the area under it run, as SVG path data; a missing value leaves a gap in both. */
export interface SparklinePath {
  readonly line: string
  readonly area: string
}

/**
 * The path of `values`, oldest first, in a box of `width` × `height` whose bottom is `floor` and whose top is
 * `ceiling`. Values beyond them are drawn at the border. A value between two gaps is a dot.
 */
export function sparklinePath(
  values: readonly (number | null)[],
  floor: number,
  ceiling: number,
  width: number,
  height: number,
): SparklinePath {
  const x = (index: number) => round((index / Math.max(1, values.length - 1)) * width)
  const y = (value: number) => {
    const ratio = ceiling > floor ? (value - floor) / (ceiling - floor) : 0
    return round(height - Math.min(1, Math.max(0, ratio)) * height)
  }
  let line = ''
  let area = ''
  let start = 0
  const finish = (end: number) => {
    if (end > start) area += `L${x(end - 1)} ${height}L${x(start)} ${height}Z`
    if (end === start + 1) line += 'h0'
  }
  values.forEach((value, index) => {
    if (value === null) {
      finish(index)
      start = index + 1
      return
    }
    const point = `${index === start ? 'M' : 'L'}${x(index)} ${y(value)}`
    line += point
    area += point
  })
  finish(values.length)
  return { line, area }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
