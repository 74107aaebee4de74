import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Half, Joiner } from './joiner.ts'
import { endHalf, half } from './test-halves.ts'

const joinerOf = (maxOpen = 100, isShown = () => true) => new Joiner({ maxOpen, isShown })

describe('Joiner', () => {
  test('tells each request once, joined, whatever the order in which its halves begin and end', () => {
    const requests = fc.array(
      fc.record({
        outbound: fc.integer({ min: 0, max: 900 }),
        inbound: fc.integer({ min: 0, max: 900 }),
        outboundTakes: fc.nat(90),
        inboundTakes: fc.nat(90),
      }),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(requests, all => {
        const joiner = joinerOf()
        const steps: { atMs: number; act: (atMs: number) => void }[] = []
        all.forEach((request, i) => {
          for (const direction of ['outbound', 'inbound'] as const) {
            let made: Half | undefined
            const beginMs = request[direction]
            steps.push({
              atMs: beginMs,
              act: atMs => {
                made = half(direction, {}, atMs)
                joiner.begin(made, `key ${i}`)
              },
            })
            steps.push({
              atMs: beginMs + request[`${direction}Takes`],
              act: atMs => made && endHalf(made, atMs),
            })
          }
        })
        const told = []
        for (const { atMs, act } of steps.toSorted((a, b) => a.atMs - b.atMs)) {
          act(atMs)
          told.push(...joiner.advance(atMs))
        }
        told.push(...joiner.advance(20_000))
        expect(told.map(({ id }) => id).toSorted((a, b) => a - b)).toEqual(all.map((_, i) => i + 1))
        expect(told.every(({ outbound, inbound, isPending }) => outbound && inbound && !isPending)).toBe(true)
        expect(joiner.size).toBe(0)
      }),
    )
  })

  test('tells a half without a key as soon as it has ended', () => {
    const joiner = joinerOf()
    const one = half('outbound')
    expect(joiner.begin(one, null)).toBe('shown')
    expect(joiner.advance(5)).toEqual([])
    endHalf(one, 6)
    expect(joiner.advance(7)).toEqual([
      { id: 1, outbound: one, inbound: null, isPending: false, isAgain: false },
    ])
    expect([joiner.advance(8), joiner.size]).toEqual([[], 0])
  })

  test('tells a half alone after a second, and then takes the other one in without telling it', () => {
    const joiner = joinerOf()
    const one = half('inbound')
    joiner.begin(one, 'key')
    endHalf(one, 10)
    expect(joiner.advance(1_000)).toEqual([])
    expect(joiner.advance(1_010)).toHaveLength(1)
    const late = half('outbound', {}, 1_500)
    expect(joiner.begin(late, 'key')).toBe('joined')
    endHalf(late, 1_501)
    expect(joiner.advance(9_000)).toEqual([])
    expect(joiner.size).toBe(0)
  })

  test('tells one that goes on as pending after ten seconds, and again at its end under the same id', () => {
    const joiner = joinerOf()
    const one = half('outbound')
    joiner.begin(one, null)
    expect(joiner.advance(9_999)).toEqual([])
    expect(joiner.advance(10_000)).toMatchObject([{ id: 1, isPending: true, isAgain: false }])
    expect(joiner.advance(20_000)).toEqual([])
    endHalf(one, 30_000)
    expect(joiner.advance(30_000)).toMatchObject([{ id: 1, isPending: false, isAgain: true }])
  })

  test('pairs requests of the same key in the order in which they begin', () => {
    const joiner = joinerOf()
    const sent = [half('outbound', { stream: 0 }), half('outbound', { stream: 1 })]
    const received = [half('inbound', { stream: 0 }), half('inbound', { stream: 1 })]
    for (const each of [...sent, ...received]) {
      joiner.begin(each, 'key')
      endHalf(each, 1)
    }
    expect(joiner.advance(1).map(told => [told.outbound, told.inbound])).toEqual([
      [sent[0], received[0]],
      [sent[1], received[1]],
    ])
  })

  test('finishes with what has ended and was not told, and with the number of what goes on', () => {
    const joiner = joinerOf()
    const pending = half('outbound')
    const [waits, goesOn] = [half('outbound', {}, 11_000), half('outbound', {}, 11_000)]
    const callee = half('inbound', {}, 11_000)
    joiner.begin(pending, null)
    expect(joiner.advance(10_000)).toHaveLength(1)
    joiner.begin(waits, 'key')
    joiner.begin(goesOn, 'other key')
    joiner.begin(callee, 'other key')
    for (const ended of [waits, callee]) endHalf(ended, 11_500)
    expect(joiner.advance(11_501)).toEqual([])
    expect(joiner.finish()).toEqual({
      told: [{ id: 2, outbound: waits, inbound: null, isPending: false, isAgain: false }],
      unfinished: 1,
    })
    expect([joiner.size, joiner.finish()]).toEqual([0, { told: [], unfinished: 0 }])
  })

  test('asks once for each request whether it is shown, and follows no more than it may', () => {
    const joiner = joinerOf(2, () => false)
    expect(joiner.begin(half('outbound'), 'a')).toBe('hidden')
    expect(joiner.begin(half('inbound'), 'a')).toBe('joined')
    expect(joiner.begin(half('outbound'), 'b')).toBe('hidden')
    expect(joiner.begin(half('outbound'), 'c')).toBe('refused')
    expect(joiner.advance(60_000)).toEqual([])
  })
})
