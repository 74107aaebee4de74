import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { momentAfter, moments, storySeconds, troublesAt } from './timeline.ts'

describe('moments', () => {
  test('come in order within the story, and fit a marker', () => {
    const seconds = moments.map(({ atSecond }) => atSecond)
    expect(seconds).toEqual([...new Set(seconds)].toSorted((a, b) => a - b))
    expect(seconds.every(second => second > 0 && second < storySeconds)).toBe(true)
    expect(moments.every(({ title }) => title.length > 0 && title.length <= 120)).toBe(true)
  })
})

describe('troublesAt()', () => {
  test('tells the story: payments, recommendations, catalog, scraper, each on its own, and calm around', () => {
    const story: (readonly string[])[] = []
    for (let second = 0; second < storySeconds; second++) {
      const now = troublesAt(second)
      if (now.join() !== story.at(-1)?.join()) story.push(now)
    }
    expect(story.map(now => now.join())).toEqual([
      '',
      'payments-slow',
      'recommendations-v2-fails',
      'catalog-replica-dead',
      '',
      'scraper-bursts',
      '',
    ])
  })

  test('repeats', () => {
    fc.assert(
      fc.property(fc.nat(10_000), second => {
        expect(troublesAt(second + storySeconds)).toEqual(troublesAt(second))
      }),
    )
  })
})

describe('momentAfter()', () => {
  test('is later by at most one round, and what holds then is what the moment brings', () => {
    fc.assert(
      fc.property(fc.nat(10_000), second => {
        const { moment, atSecond } = momentAfter(second)
        expect(atSecond).toBeGreaterThan(second)
        expect(atSecond - second).toBeLessThanOrEqual(storySeconds)
        expect(troublesAt(atSecond)).toEqual(moment.troubles)
      }),
    )
  })

  test('skips none, asked from one to the next', () => {
    const seen: string[] = []
    for (let second = 0; seen.length < moments.length; ) {
      const next = momentAfter(second)
      seen.push(next.moment.title)
      second = next.atSecond
    }
    expect(seen).toEqual(moments.map(({ title }) => title))
  })
})
