import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { GoldenAnswer } from '#lib/api/golden.ts'
import type { Update } from '#lib/api/live.ts'
import { type Feed, type FeedMessage, stepFeed } from './feed.ts'

const span = { start: '2026-01-01T00:00:00Z', end: '2026-01-01T00:01:00Z', stepSeconds: 1 }
const coverage = { expected: 1, answered: 1, oldestSampleAt: null, missing: [] }
const failure = { code: 'STORE', message: 'The store is gone', hint: '' }

/** Numbers by row id; all that the reducer may look at. */
type Numbers = Readonly<Record<string, number>>

function answerOf(numbers: Numbers): GoldenAnswer {
  const rows = Object.entries(numbers).map(([id, denied]) => ({
    id,
    resource: { namespace: '', kind: 'deployment', name: id },
    meshed: { running: 1, total: 1 },
    golden: { requests: 0, rps: 0, successRate: null, latencyMs: { p50: null, p95: null, p99: null } },
    tcp: { open: 0, readBytesPerSecond: 0, writeBytesPerSecond: 0 },
    mtlsRate: null,
    denied,
  }))
  return { span, coverage, rows }
}

function updateBetween(from: Numbers, to: Numbers, base: number, revision: number): Update {
  const upserts = answerOf(to)
    .rows.filter(row => from[row.id] !== row.denied)
    .map(row => ({ in: 'rows', row }))
  const removes = Object.keys(from)
    .filter(id => !(id in to))
    .map(id => ({ in: 'rows', id }))
  return { subscription: 's', revision, base, span, coverage, upserts, removes }
}

function numbersOf(feed: Feed): Numbers | null {
  if (feed.state !== 'following') return null
  const { rows } = feed.answer as GoldenAnswer
  return Object.fromEntries(rows.map(row => [row.id, row.denied ?? -1]))
}

const asking: Feed = { state: 'asking' }
const snapshot = (numbers: Numbers, revision: number): FeedMessage => ({
  type: 'snapshot',
  revision,
  answer: answerOf(numbers),
})
const update = (from: Numbers, to: Numbers, base: number, revision: number): FeedMessage => ({
  type: 'update',
  update: updateBetween(from, to, base, revision),
})

describe('stepFeed()', () => {
  test('holds what the server holds, whichever updates get lost, once every resync is answered', () => {
    const history = fc.array(fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.nat(9)), { minLength: 1 })
    fc.assert(
      fc.property(history, fc.infiniteStream(fc.boolean()), (states, lost) => {
        let feed: Feed = asking
        let awaitsSnapshot = true
        states.forEach((state, revision) => {
          if (awaitsSnapshot) {
            feed = stepFeed(feed, snapshot(state, revision), 0).feed
            awaitsSnapshot = false
          } else if (!lost.next().value) {
            const before = states[revision - 1] ?? {}
            const step = stepFeed(feed, update(before, state, revision - 1, revision), 0)
            feed = step.feed
            awaitsSnapshot = step.resync
          }
          const numbers = numbersOf(feed)
          if (numbers !== null && feed.state === 'following') expect(numbers).toEqual(states[feed.revision])
        })
      }),
    )
  })

  test('asks for one snapshot after a gap, and keeps quiet until it comes', () => {
    let feed = stepFeed(asking, snapshot({ a: 1 }, 1), 0).feed
    const gap = stepFeed(feed, update({ a: 2 }, { a: 3 }, 2, 3), 0)
    expect(gap).toEqual({ feed: { state: 'resyncing' }, resync: true })
    feed = stepFeed(gap.feed, update({ a: 3 }, { a: 4 }, 3, 4), 0).feed
    expect(feed).toEqual({ state: 'resyncing' })
    expect(numbersOf(stepFeed(feed, snapshot({ a: 4 }, 4), 0).feed)).toEqual({ a: 4 })
  })

  test('asks for a snapshot when an update comes before any', () => {
    expect(stepFeed(asking, update({}, { a: 1 }, 1, 2), 0).resync).toBe(true)
  })

  test('keeps unchanged rows as they were, so that only changed ones are drawn', () => {
    const first = stepFeed(asking, snapshot({ a: 1, b: 2 }, 1), 0).feed
    const second = stepFeed(first, update({ a: 1, b: 2 }, { a: 1, b: 3 }, 1, 2), 0).feed
    if (first.state !== 'following' || second.state !== 'following')
      throw new Error('expected both to follow')
    const [before, after] = [first.answer as GoldenAnswer, second.answer as GoldenAnswer]
    expect(after.rows[0]).toBe(before.rows[0])
    expect(after.rows[1]).not.toBe(before.rows[1])
  })

  test('remembers the last answer and the first moment of a failure, and goes on from there', () => {
    const following = stepFeed(asking, snapshot({ a: 1 }, 1), 0).feed
    const failed = stepFeed(following, { type: 'failed', failure }, 100).feed
    const again = stepFeed(failed, { type: 'failed', failure }, 200).feed
    expect(again).toMatchObject({ state: 'failed', sinceMs: 100, last: { revision: 1 } })
    expect(numbersOf(stepFeed(again, update({ a: 1 }, { a: 2 }, 1, 2), 300).feed)).toEqual({ a: 2 })
  })
})
