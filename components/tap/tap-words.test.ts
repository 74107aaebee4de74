import { expect, test } from 'vitest'
import type { TapEvent, TapStats } from '#lib/api/tap.ts'
import { droppedWords, outcome, shownWords } from './tap-words.ts'

const nothing = { limit: 0, proxyBuffer: 0, serverBuffer: 0, slowClient: 0 }
const stats: TapStats = { shown: 12, counted: 3_000, dropped: nothing, pods: [] }

test('shownWords() never says that more was shown than there was', () => {
  expect(shownWords(stats)).toBe('12 of 3,000 requests')
  expect(shownWords({ ...stats, counted: 11 })).toBe('12 of 12 requests')
  expect(shownWords({ ...stats, counted: null })).toBe('12 requests')
})

test('droppedWords() names each cause that happened, with its number', () => {
  expect(droppedWords(stats)).toEqual([])
  const words = droppedWords({
    ...stats,
    dropped: { ...nothing, limit: 1_204, slowClient: 3 },
    paused: 5,
    isPartial: true,
  })
  expect(words).toHaveLength(4)
  expect(words[0]).toMatch(/^1,204 over the limit/)
  expect(words[2]).toBe('5 while paused')
})

test('outcome() grades what the client was answered, and what broke off', () => {
  const graded = (event: Pick<TapEvent, 'end'> & Partial<TapEvent>) => outcome(event as TapEvent)
  expect(graded({ end: 'complete', status: 200 })).toEqual({ text: '200', grade: 'good' })
  expect(graded({ end: 'complete', status: 404 })).toEqual({ text: '404', grade: 'warn' })
  expect(graded({ end: 'complete', status: 503 })).toEqual({ text: '503', grade: 'bad' })
  expect(graded({ end: 'complete', status: 200, grpcStatus: 14 })).toEqual({ text: '200 · 14', grade: 'bad' })
  expect(graded({ end: 'reset', status: 200 })).toEqual({ text: '200 reset', grade: 'bad' })
  expect(graded({ end: 'reset' }).grade).toBe('bad')
  expect(graded({ end: 'pending' })).toEqual({ text: 'pending', grade: 'warn' })
})
