import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Link, rankByCalls } from './rank.ts'

describe('rankByCalls()', () => {
  test('puts callers before callees, and counts the longest way', () => {
    expect(
      rankByCalls(4, [
        [0, 1],
        [1, 2],
        [0, 2],
      ]),
    ).toEqual([0, 1, 2, 0])
  })

  test('begins with what nobody calls, when calls go round behind it', () => {
    expect(
      rankByCalls(4, [
        [3, 0],
        [0, 1],
        [1, 2],
        [2, 0],
      ]),
    ).toEqual([1, 2, 3, 0])
  })

  test('gives ranks for any links, and forward ones wherever calls do not go round', () => {
    const acyclic = fc.array(
      fc.tuple(fc.nat({ max: 11 }), fc.nat({ max: 11 })).filter(([from, to]) => from < to),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(acyclic, links => {
        const ranks = rankByCalls(12, links)
        for (const [from, to] of links) expect(ranks[to]).toBeGreaterThan(ranks[from] ?? 0)
      }),
    )
    const any = fc.array(fc.tuple(fc.nat({ max: 7 }), fc.nat({ max: 7 })), { maxLength: 30 })
    fc.assert(
      fc.property(any, (links: Link[]) => {
        expect(rankByCalls(8, links).every(rank => rank >= 0 && rank < 8)).toBe(true)
      }),
    )
  })
})
