import {
  amount,
  byteRate,
  latency,
  percent,
  type Quantity,
  quantityText,
  requestRate,
} from '#lib/metrics/format.ts'
import { type CourseKey, type CoursePoint, extentOf } from './course-points.ts'
import { amountScale, type CourseScale, successScale } from './course-scale.ts'

/** How a line is told from the others: by colour, by dashes and by its name at its end. */
export type CourseTone = 'success' | 'failure' | 'first' | 'second' | 'third'

export interface CourseLine {
  readonly key: CourseKey
  readonly name: string
  readonly tone: CourseTone
}

/** One chart: which columns of a course it draws, and how. */
export interface CourseChart {
  readonly id: 'requests' | 'success' | 'latency' | 'bytes' | 'connections'
  readonly title: string
  readonly lines: readonly CourseLine[]
  /** `stack`: areas that add up; the first lies at the bottom. */
  readonly shape: 'stack' | 'lines'
  readonly format: (value: number | null) => Quantity
  readonly scale: (points: readonly CoursePoint[], before: CourseScale | null) => CourseScale
}

/** The charts of a course, in the order of the page. */
export const courseCharts: readonly CourseChart[] = [
  {
    id: 'requests',
    title: 'Requests',
    lines: [
      { key: 'successRps', name: 'success', tone: 'success' },
      { key: 'failureRps', name: 'failure', tone: 'failure' },
    ],
    shape: 'stack',
    format: requestRate,
    scale: (points, before) =>
      amountScale(
        legible(
          Math.max(0, ...points.map(({ successRps, failureRps }) => (successRps ?? 0) + (failureRps ?? 0))),
        ),
        before,
        false,
      ),
  },
  {
    id: 'success',
    title: 'Success rate',
    lines: [{ key: 'successRate', name: 'success', tone: 'success' }],
    shape: 'lines',
    format: percent,
    scale: (points, before) => successScale(extentOf(points, 'successRate')?.least ?? 1, before),
  },
  {
    id: 'latency',
    title: 'Latency',
    lines: [
      { key: 'p50Ms', name: 'P50', tone: 'first' },
      { key: 'p95Ms', name: 'P95', tone: 'second' },
      { key: 'p99Ms', name: 'P99', tone: 'third' },
    ],
    shape: 'lines',
    format: latency,
    scale: (points, before) =>
      amountScale(legible(highest(points, ['p50Ms', 'p95Ms', 'p99Ms'])), before, false),
  },
  {
    id: 'bytes',
    title: 'TCP bytes',
    lines: [
      { key: 'readBytesPerSecond', name: 'read', tone: 'first' },
      { key: 'writeBytesPerSecond', name: 'written', tone: 'second' },
    ],
    shape: 'lines',
    format: byteRate,
    scale: (points, before) =>
      amountScale(legible(highest(points, ['readBytesPerSecond', 'writeBytesPerSecond'])), before, false),
  },
  {
    id: 'connections',
    title: 'Open connections',
    lines: [{ key: 'open', name: 'open', tone: 'first' }],
    shape: 'lines',
    format: value => amount(value, ''),
    scale: (points, before) => amountScale(highest(points, ['open']), before, true),
  },
]

/** The label of a tick: shorter than the number itself, `40 rps`, `99.5 %`, `1.5 s`. */
export function tickLabel({ format }: CourseChart, value: number): string {
  const { digits, unit } = format(value)
  const short = digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits
  return quantityText({ digits: value === 0 ? '0' : short, unit })
}

/** What the chart shows, in a sentence for those who do not see it. */
export function chartWords({ title, lines, format }: CourseChart, points: readonly CoursePoint[]): string {
  const words = lines.map(({ key, name }) => {
    const extent = extentOf(points, key)
    if (extent === null) return `${name}: nothing measured`
    const [least, most, last] = [extent.least, extent.most, extent.last].map(value =>
      quantityText(format(value)),
    )
    return `${name}: ${last} at the end, between ${least} and ${most}`
  })
  return `${title}. ${words.join('; ')}`
}

function highest(points: readonly CoursePoint[], keys: readonly CourseKey[]): number {
  return Math.max(0, ...keys.map(key => extentOf(points, key)?.most ?? 0))
}

/** Half of a scale's top must still have another label than zero and the top: labels have one decimal. */
function legible(most: number): number {
  return most === 0 ? 0 : Math.max(0.2, most)
}
