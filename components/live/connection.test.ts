import { expect, test } from 'vitest'
import { afterLost, afterOpened } from './connection.ts'

test('afterOpened() is regained only after a loss, and tells how long that was', () => {
  expect(afterOpened({ state: 'connecting' }, 5)).toEqual({ state: 'live' })
  const lost = afterLost(afterLost({ state: 'live' }, 1_000), 2_000)
  expect(lost).toEqual({ state: 'lost', sinceMs: 1_000 })
  expect(afterOpened(lost, 4_000)).toEqual({ state: 'regained', atMs: 4_000, awayMs: 3_000 })
})
