import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDurationMs } from './duration.ts'
import { parseInstantMs } from './instant.ts'
import { slotLengthMs, snapOutward } from './slots.ts'
import { parseTimeRange, type TimeParams, timeLimits } from './time-range.ts'

const limits = timeLimits(10_000)
function codeOf(params: TimeParams): string {
  const parsed = parseTimeRange(params, limits)
  return parsed.ok ? 'ok' : parsed.problem.code
}

test('parseTimeRange() is a minute, when nothing is given', () => {
  expect(parseTimeRange({}, limits)).toEqual({ ok: true, range: { kind: 'window', lengthMs: 60_000 } })
})

test.each([
  ['10s', 10_000],
  ['1m30s', 90_000],
  ['14d', 1_209_600_000],
])('parseTimeRange() reads window=%s', (window, lengthMs) => {
  expect(parseTimeRange({ window }, limits)).toEqual({ ok: true, range: { kind: 'window', lengthMs } })
})

test.each(['banana', '', '10', '-1m', '1.5m', 's', '1m ', '9'.repeat(400)])(
  'parseTimeRange() refuses window=%s',
  window => {
    expect(codeOf({ window })).toBe('WINDOW_INVALID')
  },
)

test('parseTimeRange() names the minimum and the maximum, when a window is outside', () => {
  const short = parseTimeRange({ window: '9s' }, limits)
  expect(short).toMatchObject({ ok: false, problem: { code: 'WINDOW_TOO_SHORT' } })
  expect(short.ok || short.problem.message).toContain('the minimum is 10s')
  const long = parseTimeRange({ window: '15d' }, limits)
  expect(long).toMatchObject({ ok: false, problem: { code: 'WINDOW_TOO_LONG' } })
  expect(long.ok || long.problem.message).toContain('the maximum is 14d')
})

test('parseTimeRange() reads RFC 3339 and Unix seconds alike', () => {
  const range = { kind: 'absolute', startMs: 1_772_359_200_000, endMs: 1_772_359_260_500 }
  expect(parseTimeRange({ start: '1772359200', end: '1772359260.5' }, limits)).toEqual({ ok: true, range })
  expect(
    parseTimeRange({ start: '2026-03-01T11:00:00+01:00', end: '2026-03-01T10:01:00.5Z' }, limits),
  ).toEqual({ ok: true, range })
})

test('parseTimeRange() refuses each way in which a range can be wrong', () => {
  expect(codeOf({ start: '1772359200' })).toBe('RANGE_INCOMPLETE')
  expect(codeOf({ end: '1772359200' })).toBe('RANGE_INCOMPLETE')
  expect(codeOf({ window: '1m', start: '1', end: '2' })).toBe('RANGE_AND_WINDOW')
  expect(codeOf({ start: 'yesterday', end: '1772359200' })).toBe('RANGE_INVALID')
  expect(codeOf({ start: '2026-02-29T00:00:00Z', end: '1772359200' })).toBe('RANGE_INVALID')
  expect(codeOf({ start: '1772359200', end: '1772359200' })).toBe('RANGE_EMPTY')
  expect(codeOf({ start: '1772359200', end: '1772359201' })).toBe('WINDOW_TOO_SHORT')
})

test('parseInstantMs() agrees with the calendar, for every instant of four-digit years', () => {
  const instants = fc.date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59Z'),
    noInvalidDate: true,
  })
  fc.assert(fc.property(instants, at => parseInstantMs(at.toISOString()) === at.getTime()))
})

test('formatDuration() is read back by parseDurationMs()', () => {
  fc.assert(fc.property(fc.nat(), durationMs => parseDurationMs(formatDuration(durationMs)) === durationMs))
})

test('snapOutward() holds the span, snaps by less than a step, and is stable', () => {
  fc.assert(
    fc.property(
      fc.nat(),
      fc.nat(1_000_000),
      fc.constantFrom(100, 1_000, 5_000, 10_000),
      (startMs, lengthMs, stepMs) => {
        const span = { startMs, endMs: startMs + lengthMs }
        const snapped = snapOutward(span, stepMs)
        expect(snapped.startMs <= span.startMs && span.startMs - snapped.startMs < stepMs).toBe(true)
        expect(snapped.endMs >= span.endMs && snapped.endMs - span.endMs < stepMs).toBe(true)
        expect(snapOutward(snapped, stepMs)).toEqual(snapped)
      },
    ),
  )
})

test('slotLengthMs() divides ten seconds, whatever the scrape interval', () => {
  expect([50, 250, 1_000, 3_000, 5_000, 7_000, 30_000].map(slotLengthMs)).toEqual([
    100, 200, 1_000, 2_000, 5_000, 5_000, 10_000,
  ])
})
