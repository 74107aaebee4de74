// @vitest-environment happy-dom
import { describe, expect, test } from 'vitest'
import type { Connection } from '#components/live/connection.ts'
import type { QuestionState } from '#components/live/use-question.ts'
import type { TimeChoice } from '#components/time/time-choice.ts'
import { openTestPage } from '#components/ui/test-page.tsx'
import type { GoldenAnswer } from '#lib/api/golden.ts'
import { StatusStrip } from './status-strip.tsx'

const endMs = Date.parse('2026-01-01T00:01:00Z')
const answer: GoldenAnswer = {
  span: { start: '2026-01-01T00:00:00Z', end: '2026-01-01T00:01:00Z', stepSeconds: 1 },
  coverage: { expected: 3, answered: 3, oldestSampleAt: null, missing: [] },
  rows: [],
}
const live: Connection = { state: 'live' }
const answered: QuestionState<GoldenAnswer> = { state: 'answered', answer }

function stripText(
  mesh: QuestionState<GoldenAnswer>,
  connection: Connection,
  nowMs: number | null = endMs + 2_000,
  choice: TimeChoice = { kind: 'window', window: '1m' },
) {
  const page = openTestPage()
  page.show(<StatusStrip mesh={mesh} connection={connection} nowMs={nowMs} choice={choice} />)
  return page.text()
}

describe('StatusStrip() says', () => {
  test('that all is well: live, how many answer, how old', () => {
    expect(stripText(answered, live)).toBe('● Live3 of 3 proxies answeringdata 2 s oldSums of the last 1 min')
  })

  test('how often the numbers of a long window are made anew', () => {
    const day = stripText(answered, live, endMs + 2_000, { kind: 'window', window: '1d' })
    expect(day).toContain('data 2 s oldSums of the last 1 d, made anew every 1 min')
  })

  test('that the connection is lost and since when, and what happens next', () => {
    const since = { state: 'lost', sinceMs: endMs } as const
    const text = stripText({ state: 'stale', answer, failure: null, sinceMs: endMs }, since, endMs + 75_000)
    expect(text).toContain('▲ Connection lost 1 min 15 s ago, reconnecting')
    expect(text).toContain('◷ data 1 min 15 s old')
    expect(text).toContain('They go on by themselves')
  })

  test('that it is regained, for ten seconds', () => {
    const regained = { state: 'regained', atMs: endMs, awayMs: 4_000 } as const
    expect(stripText(answered, regained, endMs + 9_000)).toContain(
      '● Live again, after 4 s without connection',
    )
    expect(stripText(answered, regained, endMs + 10_000)).not.toContain('again')
  })

  test('which proxies are missing, since when and why', () => {
    const missing = [
      { namespace: 'shop', pod: 'web-1', since: '2026-01-01T00:00:30Z', reason: 'connection refused' },
      { namespace: 'shop', pod: 'web-2', since: null, reason: 'no answer yet' },
    ]
    const coverage = { ...answer.coverage, answered: 1, missing }
    const text = stripText({ state: 'answered', answer: { ...answer, coverage } }, live)
    expect(text).toContain('◐ 1 of 3 proxies answering')
    expect(text).toContain('Missing: shop/web-1, not heard of since ')
    expect(text).toContain('and 1 more')
    expect(text).toContain('shop/web-2 never heard of: no answer yet')
    expect(text).toContain('What the missing proxies carried')
  })

  test('that no proxy answers, and what to check', () => {
    const coverage = { ...answer.coverage, answered: 0 }
    expect(stripText({ state: 'answered', answer: { ...answer, coverage } }, live)).toContain(
      'No proxy answers',
    )
  })

  test('what the server said, when it cannot answer any more', () => {
    const failure = { code: 'STORE', message: 'The store is gone', hint: 'Check the disk' }
    expect(stripText({ state: 'stale', answer, failure, sinceMs: endMs }, live)).toContain(
      'The store is gone. Check the disk',
    )
  })
})
