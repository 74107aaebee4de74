/** One group of series: its labels, and what it is worth at each time, in order. */
export interface Timeline {
  readonly labels: Readonly<Record<string, string>>
  readonly points: readonly Point[]
}

export interface Point {
  readonly atMs: number
  readonly value: number
}

/**
 * The timelines in the data of an answer of Prometheus; an instant is a timeline of one point. `null` for other data.
 * Read by hand, for there may be a hundred thousand.
 */
export function readTimelines(data: unknown): readonly Timeline[] | null {
  if (!isObject(data) || !Array.isArray(data.result)) return null
  const timelines: Timeline[] = []
  for (const each of data.result as readonly unknown[]) {
    const timeline = isObject(each) ? readTimeline(each) : null
    if (timeline === null) return null
    timelines.push(timeline)
  }
  return timelines
}

function readTimeline({ metric, value, values }: Readonly<Record<string, unknown>>): Timeline | null {
  const pairs: unknown = values ?? [value]
  if (!isLabels(metric) || !Array.isArray(pairs)) return null
  const points: Point[] = []
  for (const pair of pairs as readonly unknown[]) {
    const point = readPoint(pair)
    if (point === null) return null
    points.push(point)
  }
  return { labels: metric, points }
}

function readPoint(pair: unknown): Point | null {
  if (!Array.isArray(pair)) return null
  const [atSeconds, text] = pair as readonly unknown[]
  if (typeof atSeconds !== 'number' || typeof text !== 'string') return null
  return { atMs: Math.round(atSeconds * 1_000), value: numberOf(text) }
}

function isLabels(value: unknown): value is Readonly<Record<string, string>> {
  if (!isObject(value)) return false
  for (const name in value) if (typeof value[name] !== 'string') return false
  return true
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function numberOf(text: string): number {
  if (text === '+Inf') return Number.POSITIVE_INFINITY
  return text === '-Inf' ? Number.NEGATIVE_INFINITY : Number(text)
}
