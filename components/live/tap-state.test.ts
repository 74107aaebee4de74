import { expect, test } from 'vitest'
import type { TapEvent, TapStats } from '#lib/api/tap.ts'
import { keptEvents, stepTap, type TapState } from './tap-state.ts'

function event(id: string, end: TapEvent['end'] = 'complete', at = '2026-03-01T10:00:00.000Z'): TapEvent {
  const peer = { workload: null, pod: null, ip: '127.0.0.2', port: 80 }
  return {
    id,
    at,
    source: peer,
    destination: peer,
    direction: 'both',
    tls: 'true',
    clientId: '',
    serverId: '',
    method: 'GET',
    scheme: 'http',
    authority: 'web',
    path: '/',
    route: '',
    end,
  }
}

const stats: TapStats = {
  shown: 1,
  counted: 2,
  dropped: { limit: 1, proxyBuffer: 0, serverBuffer: 0, slowClient: 0 },
  pods: [],
}
const running: TapState = { state: 'running', tap: 't1', events: [], stats: null }

function idsOf(state: TapState): string[] {
  return 'events' in state ? state.events.map(({ id }) => id) : []
}

test('stepTap() orders requests by when they began, however late their pods tell of them', () => {
  const [early, middle, late] = ['00.100', '00.200', '00.300'].map(second =>
    event(second, 'complete', `2026-03-01T10:00:${second}Z`),
  ) as [TapEvent, TapEvent, TapEvent]
  const first = stepTap(running, { type: 'events', tap: 't1', events: [middle] })
  const then = stepTap(first, { type: 'events', tap: 't1', events: [early, late] })
  expect(idsOf(then)).toEqual([late.id, middle.id, early.id])
})

test('stepTap() puts new requests in front, and changes one told as pending in its place', () => {
  const first = stepTap(running, { type: 'events', tap: 't1', events: [event('a', 'pending'), event('b')] })
  const then = stepTap(first, { type: 'events', tap: 't1', events: [event('c'), event('a')] })
  expect(idsOf(then)).toEqual(['c', 'b', 'a'])
  expect('events' in then && then.events.at(-1)?.end).toBe('complete')
})

test('stepTap() keeps the newest requests only', () => {
  const many = Array.from({ length: keptEvents + 20 }, (_, i) => event(`e${i}`))
  const state = stepTap(running, { type: 'events', tap: 't1', events: many })
  expect(idsOf(state)).toHaveLength(keptEvents)
  expect(idsOf(state)[0]).toBe(`e${keptEvents + 19}`)
})

test('stepTap() takes nothing of another tap', () => {
  expect(stepTap(running, { type: 'events', tap: 't0', events: [event('a')] })).toBe(running)
  expect(stepTap(running, { type: 'stats', tap: 't0', stats })).toBe(running)
  expect(stepTap(running, { type: 'ended', tap: 't0', failure: null })).toBe(running)
})

test('stepTap() shows nothing new while paused, but goes on counting', () => {
  const paused = stepTap(running, { type: 'pause' })
  const later = stepTap(stepTap(paused, { type: 'events', tap: 't1', events: [event('a')] }), {
    type: 'stats',
    tap: 't1',
    stats,
  })
  expect(later).toMatchObject({ state: 'paused', events: [], stats })
  expect(stepTap(later, { type: 'resume' }).state).toBe('running')
})

test('stepTap() keeps what was seen when the tap ends, and says why it did', () => {
  const seen = stepTap(running, { type: 'events', tap: 't1', events: [event('a')] })
  const failure = { code: 'LOST', message: 'gone', hint: 'again' }
  const over = stepTap(seen, { type: 'ended', tap: 't1', failure })
  expect(over).toMatchObject({ state: 'ended', failure })
  expect(idsOf(over)).toEqual(['a'])
  expect(stepTap(over, { type: 'stop' })).toBe(over)
})

test('stepTap() ends a tap that could not start', () => {
  const failure = { code: 'TOO_MANY', message: 'too many', hint: '' }
  const state = stepTap({ state: 'starting' }, { type: 'ended', tap: null, failure })
  expect(state).toMatchObject({ state: 'ended', failure, events: [] })
})
