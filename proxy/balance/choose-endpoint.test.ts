import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { chooseEndpoint } from './choose-endpoint.ts'
import { DECAY_MS, DEFAULT_RTT_MS, estimateAfter, type Load, loadAt, newLoad } from './peak-ewma.ts'

const load = fc.record<Load>({
  estimateMs: fc.double({ min: 0.01, max: 60_000, noNaN: true }),
  updatedMs: fc.nat(1000),
  pending: fc.nat(100),
})
const chance = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe('chooseEndpoint()', () => {
  test('gives nothing of nothing, and the one of one', () => {
    expect(chooseEndpoint([], 0, Math.random)).toBeUndefined()
    const one = { load: newLoad(0) }
    expect(chooseEndpoint([one], 0, () => 0.99)).toBe(one)
  })

  test('never gives the most loaded one of several that differ', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(load, { minLength: 2, maxLength: 8, selector: l => loadAt(l, 1000) }),
        fc.infiniteStream(chance),
        (loads, chances) => {
          const candidates = loads.map(one => ({ load: one }))
          const chosen = chooseEndpoint(candidates, 1000, () => chances.next().value)
          const most = Math.max(...loads.map(one => loadAt(one, 1000)))
          expect(chosen && loadAt(chosen.load, 1000)).toBeLessThan(most)
        },
      ),
    )
  })

  test('compares two different ones, whatever chance says', () => {
    fc.assert(
      fc.property(load, load, chance, chance, (a, b, x, y) => {
        const chances = [x, y]
        const chosen = chooseEndpoint([{ load: a }, { load: b }], 1000, () => chances.shift() ?? 0)
        expect(chosen && loadAt(chosen.load, 1000)).toBe(Math.min(loadAt(a, 1000), loadAt(b, 1000)))
      }),
    )
  })

  test('gives each of equals its share', () => {
    const candidates = Array.from({ length: 4 }, () => ({ load: newLoad(0) }))
    let seed = 7
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    }
    const counts = candidates.map(() => 0)
    for (let i = 0; i < 4000; i++) {
      const chosen = chooseEndpoint(candidates, 0, random)
      if (chosen !== undefined) {
        const index = candidates.indexOf(chosen)
        counts[index] = (counts[index] ?? 0) + 1
      }
    }
    for (const count of counts) expect(count).toBeGreaterThan(850)
  })
})

describe('estimateAfter()', () => {
  test('believes a slower answer at once', () => {
    fc.assert(
      fc.property(
        load,
        fc.double({ min: 0, max: 1e5, noNaN: true }),
        fc.nat(100_000),
        (one, more, laterMs) => {
          const rttMs = one.estimateMs + more + 0.001
          expect(estimateAfter(one, rttMs, one.updatedMs + laterMs)).toBe(rttMs)
        },
      ),
    )
  })

  test('stays between a faster answer and the estimate, the closer to the answer the later it comes', () => {
    fc.assert(
      fc.property(load, chance, fc.nat(100_000), fc.nat(100_000), (one, part, laterMs, evenLaterMs) => {
        const rttMs = one.estimateMs * part
        const first = estimateAfter(one, rttMs, one.updatedMs + laterMs)
        const second = estimateAfter(one, rttMs, one.updatedMs + laterMs + evenLaterMs)
        const rounding = 1 + 1e-9
        expect(first).toBeLessThanOrEqual(one.estimateMs * rounding)
        expect(first * rounding).toBeGreaterThanOrEqual(rttMs)
        expect(second).toBeLessThanOrEqual(first * rounding)
      }),
    )
  })
})

describe('loadAt()', () => {
  test('grows with what is pending, and fades with time', () => {
    const one = newLoad(0)
    expect(loadAt(one, 0)).toBe(DEFAULT_RTT_MS)
    expect(loadAt({ ...one, pending: 2 }, 0)).toBe(3 * DEFAULT_RTT_MS)
    expect(loadAt(one, DECAY_MS)).toBeCloseTo(DEFAULT_RTT_MS / Math.E)
  })
})
