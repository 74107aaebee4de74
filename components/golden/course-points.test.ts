import { expect, test } from 'vitest'
import type { SeriesRow } from '#lib/api/series.ts'
import { chartWords, courseCharts, tickLabel } from './course-charts.ts'
import { brokenAt, coursePoints, extentOf, isAlone } from './course-points.ts'

const gap = {
  requests: null,
  rps: null,
  successRate: null,
  latencyMs: { p50: null, p95: null, p99: null },
  tcp: { open: null, readBytesPerSecond: null, writeBytesPerSecond: null },
}
const tcp = { open: 3, readBytesPerSecond: 1_500, writeBytesPerSecond: 800 }

const row: SeriesRow = {
  id: 'shop/deployment/web',
  resource: { namespace: 'shop', kind: 'deployment', name: 'web' },
  points: [
    {
      at: '2026-11-22T17:00:00.000Z',
      requests: 80,
      rps: 40,
      successRate: 0.75,
      latencyMs: { p50: 10, p95: 40, p99: 1_200 },
      tcp,
    },
    { at: '2026-11-22T17:00:02.000Z', ...gap },
    { at: '2026-11-22T17:00:04.000Z', ...gap, requests: 0, rps: 0, tcp },
  ],
}
const points = coursePoints(row, 2)
const chart = (id: string) => courseCharts.find(one => one.id === id) ?? courseCharts[0]!

test('coursePoints() parts requests into success and failure, in the middle of their step', () => {
  expect(points[0]).toMatchObject({
    atMs: Date.UTC(2026, 10, 22, 17, 0, 1),
    successRps: 30,
    failureRps: 10,
    p99Ms: 1_200,
    open: 3,
  })
})

test('coursePoints() leaves a gap where nothing was measured, and zero where nobody asked', () => {
  expect(points[1]).toMatchObject({ successRps: null, failureRps: null, successRate: null })
  expect(points[2]).toMatchObject({ successRps: 0, failureRps: 0, successRate: null, p50Ms: null })
})

test('extentOf() passes over gaps', () => {
  expect(extentOf(points, 'successRps')).toEqual({ least: 0, most: 30, last: 0 })
  expect(extentOf(points.slice(1, 2), 'open')).toBeNull()
})

test('isAlone() finds the values that a line would not show', () => {
  expect(points.map((_, index) => isAlone(points, 'p50Ms', index))).toEqual([true, false, false])
  expect(isAlone([points[0]!, points[0]!], 'p50Ms', 0)).toBe(false)
})

test('chartWords() says with units what each line does', () => {
  expect(chartWords(chart('latency'), points)).toBe(
    'Latency. P50: 10.0\u00a0ms at the end, between 10.0\u00a0ms and 10.0\u00a0ms; P95: 40.0\u00a0ms at the end, between 40.0\u00a0ms and 40.0\u00a0ms; P99: 1.2\u00a0s at the end, between 1.2\u00a0s and 1.2\u00a0s',
  )
  expect(chartWords(chart('connections'), points.slice(1, 2))).toBe(
    'Open connections. open: nothing measured',
  )
})

test('tickLabel() is short and has its unit', () => {
  expect([0, 2_500].map(value => tickLabel(chart('requests'), value))).toEqual([
    '0\u00a0rps',
    '2,500\u00a0rps',
  ])
  expect([0.995, 1].map(value => tickLabel(chart('success'), value))).toEqual(['99.5\u00a0%', '100\u00a0%'])
  expect(tickLabel(chart('latency'), 1_500)).toBe('1.5\u00a0s')
  expect(tickLabel(chart('connections'), 20)).toBe('20')
})

test('every chart reaches from its least to its most value, whatever was measured', () => {
  for (const one of courseCharts) {
    const { bottom, top, ticks } = one.scale(points, null)
    for (const { key } of one.lines) {
      const extent = extentOf(points, key)
      if (extent === null) continue
      expect(extent.least).toBeGreaterThanOrEqual(bottom)
      expect(extent.most).toBeLessThanOrEqual(top)
    }
    expect(new Set(ticks.map(tick => tickLabel(one, tick))).size).toBe(ticks.length)
  }
})

test('brokenAt() breaks lines in blanks that are no small part of a step, and nowhere else', () => {
  const reason = 'No server ran'
  const blank = (startMs: number, endMs: number) => ({ startMs, endMs, reason })
  const at = (atMs: number) => ({ ...points[0]!, atMs })
  const course = [at(1_000), at(3_000), at(5_000)]
  expect(brokenAt(course, [blank(3_100, 3_900)], 2_000)).toBe(course)
  const broken = brokenAt(course, [blank(3_200, 4_400), blank(4_000, 6_000)], 2_000)
  expect(broken.map(({ atMs, successRps }) => [atMs, successRps])).toEqual([
    [1_000, 30],
    [3_000, 30],
    [3_800, null],
    [5_000, 30],
  ])
})
