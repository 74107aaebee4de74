import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { recordingLog } from '#proxy/accept/test-proxy.ts'
import { ExpiryWatch } from './expiry-watch.ts'

const DAY_MS = 86_400_000

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

test('ExpiryWatch tells the log the moment a certificate expires, and when it is renewed after all', () => {
  const { lines, log } = recordingLog()
  const watch = new ExpiryWatch('web', log, Date.now)
  watch.renewed(Date.now() + 1000)
  vi.advanceTimersByTime(999)
  watch.renewed(Date.now() + 40 * DAY_MS)
  vi.advanceTimersByTime(40 * DAY_MS - 1)
  expect(lines).toEqual([])
  vi.advanceTimersByTime(DAY_MS)
  expect(lines).toEqual([
    expect.stringMatching(/ error The certificate has expired: .* identity=web expiresAt=/),
  ])
  watch.renewed(Date.now() + 1000)
  expect(lines.slice(1)).toEqual([expect.stringContaining(' info The certificate was renewed identity=web')])
  watch.close()
  watch.close()
  vi.advanceTimersByTime(DAY_MS)
  expect(lines).toHaveLength(2)
})
