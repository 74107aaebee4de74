import { expect, test } from 'vitest'
import type { TapStats } from '#lib/api/tap.ts'
import { tapSummary } from './tap-summary.ts'

const dropped = { limit: 0, proxyBuffer: 0, serverBuffer: 0, slowClient: 0 }
const stats: TapStats = { shown: 480, counted: 497, dropped: { ...dropped, limit: 5 }, pods: [] }
const filter = { resource: 'deploy' }

test('tapSummary() says what became of each request that was counted', () => {
  expect(tapSummary({ ...stats, unfinished: 3, paused: 2 }, { ...filter, maxRps: 20 })).toBe(
    'Shown: 480 requests of 497 counted by the proxies; not shown: 5 above --max-rps 20, 2 while paused, 3 not ended yet, 7 before all proxies were tapped, or after',
  )
  expect(tapSummary({ ...stats, unfinished: 12 }, filter)).toMatch(/100, 12 not ended yet$/)
})

test('tapSummary() names the rest by what is known of it', () => {
  expect(tapSummary(stats, { ...filter, path: '/a' })).toMatch(/, 12 that the filter leaves out$/)
  expect(tapSummary({ ...stats, isPartial: true }, filter)).toMatch(
    /100; there were more than could be watched$/,
  )
  expect(tapSummary({ ...stats, counted: null, dropped }, filter)).toBe('Shown: 480 requests')
})
