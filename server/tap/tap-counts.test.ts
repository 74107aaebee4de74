import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { paths, TestTaps, until, untilWatched } from './test-tap.ts'

let taps: TestTaps
beforeAll(async () => {
  taps = await TestTaps.open()
})
afterEach(() => taps.closeAll())
afterAll(() => taps.remove())

describe('Taps.start()', () => {
  test('counts at its end what a client that does not read was not sent', async () => {
    const { proxy, instance } = await taps.meshedPod('web-0', 'web', 2)
    const { sink, tap } = taps.start([instance])
    await untilWatched(proxy)
    let rounds = 0
    sink.hasRoom = () => {
      rounds++
      return false
    }
    for (let i = 0; i < 5; i++) proxy.tell({ direction: 'inbound', path: `/${i}` })
    await until(() => expect(rounds).toBeGreaterThan(5))
    expect(tap.finish()).toMatchObject({ shown: 0, dropped: { slowClient: 5 } })
    expect(sink.heard).toEqual([])
  })

  test('shows no more than the limit, and counts the rest', async () => {
    const { proxy, instance } = await taps.meshedPod('web-0', 'web', 2)
    const { sink } = taps.start([instance], { maxRps: 10 })
    await untilWatched(proxy)
    for (let i = 0; i < 50; i++) proxy.tell({ direction: 'inbound', path: `/${i}`, requestId: `${i}` })
    await until(() => {
      const { shown = 0, dropped } = sink.told.at(-1) ?? {}
      expect(shown + (dropped?.limit ?? 0)).toBe(50)
      expect(shown).toBeGreaterThanOrEqual(10)
      expect(shown).toBeLessThan(20)
    })
    expect(sink.heard).toHaveLength(sink.told.at(-1)?.shown ?? 0)
  })

  test('counts what a proxy lost before it could tell it', async () => {
    const { proxy, instance } = await taps.meshedPod('web-0', 'web', 2)
    const { sink } = taps.start([instance])
    await untilWatched(proxy)
    proxy.tell({ direction: 'inbound', path: '/first' })
    for (let i = 0; i < 3; i++) proxy.lose()
    proxy.tell({ direction: 'inbound', path: '/last' })
    await until(() =>
      expect(sink.told.at(-1)).toMatchObject({ shown: 2, dropped: { proxyBuffer: 3, limit: 0 } }),
    )
  })

  test('says how many were counted, and what was not heard of when there was more than it may watch', async () => {
    const { proxy, instance } = await taps.meshedPod('web-0', 'web', 2)
    let requests = 77
    const countRequests = () => {
      const answer = { requests, endMs: Date.now() }
      requests = 0
      return Promise.resolve(answer)
    }
    const { sink } = taps.start([instance], { maxRps: 1 }, { countRequests })
    // The first reading is of what was before.
    await until(() => expect(sink.told.at(-1)?.counted).toBe(0))
    requests = 1_000
    for (let i = 0; i < 500; i++) {
      if (i < 300) await untilWatched(proxy)
      proxy.tell({ direction: 'inbound', path: `/${i}`, requestId: `${i}` })
    }
    await until(() => {
      const { shown = 0, counted, dropped } = sink.told.at(-1) ?? {}
      expect(counted).toBe(1_000)
      expect(shown + (dropped?.limit ?? 0)).toBe(1_000)
    })
  })

  test('counts what comes while it is paused, and goes on when told to', async () => {
    const { proxy, instance } = await taps.meshedPod('web-0', 'web', 2)
    const { sink, tap } = taps.start([instance])
    await untilWatched(proxy)
    tap.pause()
    proxy.tell({ direction: 'inbound', path: '/unseen' })
    await until(() => expect(sink.told.at(-1)?.paused).toBe(1))
    tap.resume()
    proxy.tell({ direction: 'inbound', path: '/seen' })
    await until(() => expect(paths(sink.heard)).toEqual(['/seen']))
  })

  test('loses the oldest for a client that does not read, and counts them', async () => {
    const { proxy, instance } = await taps.meshedPod('web-0', 'web', 2)
    const { sink } = taps.start([instance], { maxRps: 5_000 })
    sink.room = false
    for (let i = 0; i < 2_600; i++) {
      if (i % 500 === 0) await untilWatched(proxy)
      proxy.tell({ direction: 'inbound', path: `/${i}`, requestId: `${i}` })
      if (i % 500 === 0) await new Promise(done => setImmediate(done))
    }
    sink.room = true
    await until(() => {
      const { shown = 0, dropped } = sink.told.at(-1) ?? {}
      expect(shown + (dropped?.limit ?? 0) + (dropped?.slowClient ?? 0)).toBe(2_600)
      expect(sink.heard).toHaveLength(shown)
    })
  })
})
