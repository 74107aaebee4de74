import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countOf, emptyHistogram, mergeHistograms, quantile } from './histogram.ts'
import { linkerdLatencyBoundsMs } from './linkerd-buckets.ts'

const boundsMs = linkerdLatencyBoundsMs
const counts = fc.array(fc.nat(1_000), { minLength: boundsMs.length + 1, maxLength: boundsMs.length + 1 })

test('linkerdLatencyBoundsMs has 25 finite bounds, up to 50 s', () => {
  expect(boundsMs).toHaveLength(25)
  expect(boundsMs.at(-1)).toBe(50_000)
})

test('quantile() is null, when nothing was counted', () => {
  expect(quantile(emptyHistogram(boundsMs), 0.5)).toBeNull()
})

test('quantile() interpolates inside the bucket, as histogram_quantile does', () => {
  expect(quantile({ boundsMs: [10, 20, 50], counts: [0, 10, 0, 0] }, 0.5)).toBe(15)
  expect(quantile({ boundsMs: [10, 20, 50], counts: [4, 0, 4, 0] }, 0.5)).toBe(10)
  expect(quantile({ boundsMs: [10, 20, 50], counts: [4, 0, 4, 0] }, 0.75)).toBe(35)
  expect(quantile({ boundsMs: [10, 20], counts: [8, 0, 0] }, 0.25)).toBe(2.5)
})

test('quantile() is the last finite bound, when it lies above', () => {
  expect(quantile({ boundsMs: [10, 20], counts: [1, 0, 9] }, 0.5)).toBe(20)
})

test('quantile() throws, when the share is not one', () => {
  expect(() => quantile({ boundsMs: [1], counts: [1, 0] }, 50)).toThrow('expected 0–1, got 50')
})

test('quantile() rises with the share and stays inside the bounds', () => {
  fc.assert(
    fc.property(
      counts,
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (c, a, b) => {
        const histogram = { boundsMs, counts: c }
        const low = quantile(histogram, Math.min(a, b))
        const high = quantile(histogram, Math.max(a, b))
        if (low === null || high === null) return countOf(histogram) === 0
        return low <= high && low >= 0 && high <= 50_000
      },
    ),
  )
})

test('mergeHistograms() commutes, associates and keeps every count', () => {
  fc.assert(
    fc.property(counts, counts, counts, (a, b, c) => {
      const [x, y, z] = [a, b, c].map(each => ({ boundsMs, counts: each })) as [
        { boundsMs: readonly number[]; counts: number[] },
        { boundsMs: readonly number[]; counts: number[] },
        { boundsMs: readonly number[]; counts: number[] },
      ]
      expect(mergeHistograms(x, y)).toEqual(mergeHistograms(y, x))
      expect(mergeHistograms(mergeHistograms(x, y), z)).toEqual(mergeHistograms(x, mergeHistograms(y, z)))
      expect(countOf(mergeHistograms(x, y))).toBe(countOf(x) + countOf(y))
    }),
  )
})

test('mergeHistograms() throws and names the difference, when bounds differ', () => {
  const a = { boundsMs: [1, 5], counts: [0, 0, 0] }
  expect(() => mergeHistograms(a, { boundsMs: [1, 6], counts: [0, 0, 0] })).toThrow(
    'bounds differ at index 1, 5 and 6',
  )
  expect(() => mergeHistograms(a, { boundsMs: [1], counts: [0, 0] })).toThrow('5 and none')
})

test('emptyHistogram() throws, when bounds do not rise', () => {
  expect(() => emptyHistogram([1, 3, 3])).toThrow('got 3 before 3')
})
