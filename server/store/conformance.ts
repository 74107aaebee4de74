import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { linkerdLatencyBoundsMs } from '#lib/metrics/linkerd-buckets.ts'
import type { CellDelta, Delta } from './delta.ts'
import { statusKey } from './status-key.ts'
import { type CellKey, maxSteps, type Question, type Row, type Store } from './store.ts'

/** 2026-03-01T10:00:00Z, the start of a slot of any length. */
export const epochMs = 1_772_359_200_000

/** A cell key of an inbound row of `shop/deployment/web`, pod `web-0`, with some dimensions changed. */
export function cellKey(changed: Partial<CellKey> = {}): CellKey {
  return {
    view: 'inbound',
    direction: 'inbound',
    namespace: 'shop',
    kind: 'deployment',
    name: 'web',
    pod: 'web-0',
    peerNamespace: '',
    peerKind: '',
    peerName: '',
    peerPod: '',
    peerId: '',
    service: '',
    authority: '',
    port: '8080',
    route: '',
    server: '',
    authorization: '',
    tls: 'true',
    ...changed,
  }
}

/** What one scrape of `shop/web-0`, five seconds after the one before, added. */
export function deltaAt(endMs: number, cells: readonly CellDelta[], changed: Partial<Delta> = {}): Delta {
  return { namespace: 'shop', pod: 'web-0', startMs: endMs - 5_000, endMs, cells, ...changed }
}

export interface StoreUnderTest {
  /** Gives an empty store for this scrape interval. */
  readonly make: (options: { readonly intervalMs: number }) => Store | Promise<Store>
  /** The length of the finest slots of a store that is scraped so often. Default 5 s. */
  readonly slotMs?: number
  /** Called before what a store says by itself is looked at, for one that only asks for what it is not told. */
  readonly settle?: (store: Store) => Promise<void>
  /** Whether somebody else decides what is kept, and takes late deltas. */
  readonly keepsElsewhere?: boolean
}

/** Laws that every store keeps. */
export function describeStore(
  name: string,
  { make, slotMs = 5_000, settle = async () => {}, keepsElsewhere = false }: StoreUnderTest,
): void {
  /** The laws are written for slots of five seconds; for others, time is stretched. */
  const stretch = slotMs / 5_000
  const at = (offsetMs: number) => epochMs + offsetMs * stretch
  const delta = (offsetMs: number, cells: readonly CellDelta[], pod = 'web-0', sinceMs = offsetMs - 5_000) =>
    deltaAt(at(offsetMs), cells, { pod, startMs: at(sinceMs) })

  describe(name, () => {
    let store: Store
    beforeEach(async () => {
      store = await make({ intervalMs: slotMs })
    })
    afterEach(async () => {
      await store.close()
    })

    const range = (startMs: number, endMs: number) => ({ startMs: at(startMs), endMs: at(endMs) })
    const ask = async (changed: Partial<Question> = {}) =>
      store.sum({ by: ['pod'], where: { view: 'inbound' }, range: range(0, 60_000), ...changed })
    const only = (rows: readonly Row[]) => {
      expect(rows).toHaveLength(1)
      return rows[0]!
    }

    test('sum() has no rows and no coverage, when nothing was appended', async () => {
      const answer = await ask()
      expect(answer.rows).toEqual([])
      expect(answer.coverage).toEqual([])
      expect(store.lastCompleteSlotEndMs(epochMs)).toBeNull()
    })

    test('sum() adds every number of the range, and divides by what its instance covered', async () => {
      const key = cellKey()
      const latency = (bucket: number) => ({
        boundsMs: linkerdLatencyBoundsMs,
        counts: Array.from({ length: 26 }, (_, i) => (i === bucket ? 2 : 0)),
      })
      store.append(delta(5_000, [{ key, success: 4, failure: 1, latency: latency(3), readBytes: 100 }]))
      const more = { writeBytes: 2 ** 40, tcpOpened: 2, tcpClosed: 1, tcpOpen: 7 }
      store.append(delta(10_000, [{ key, success: 5, latency: latency(25), ...more }]))
      const answer = await ask()
      const { key: rowKey, atMs, sums } = only(answer.rows)
      expect(rowKey).toEqual(['web-0'])
      expect(atMs).toBe(epochMs)
      expect(sums).toEqual({
        success: 9,
        failure: 1,
        latency: {
          boundsMs: linkerdLatencyBoundsMs,
          counts: Array.from({ length: 26 }, (_, i) => (i === 3 || i === 25 ? 2 : 0)),
        },
        actualSuccess: 0,
        actualFailure: 0,
        denied: 0,
        limited: 0,
        unrouted: 0,
        tcpOpened: 2,
        tcpClosed: 1,
        tcpOpen: 7,
        readBytes: 100,
        writeBytes: 2 ** 40,
        responsesPerSecond: expect.closeTo(1 / stretch, 10),
        readBytesPerSecond: expect.closeTo(10 / stretch, 10),
        writeBytesPerSecond: expect.closeTo(2 ** 40 / 10 / stretch, 0),
        statuses: null,
      })
      expect(answer.coverage).toEqual([
        { namespace: 'shop', pod: 'web-0', coveredMs: 10_000 * stretch, lastSampleAtMs: at(10_000) },
      ])
    })

    test('sum() adds rates of instances that were covered for different times', async () => {
      store.append(delta(10_000, [{ key: cellKey(), success: 100 }], 'web-0', 0))
      store.append(delta(10_000, [{ key: cellKey({ pod: 'web-1' }), success: 5 }], 'web-1'))
      const { sums } = only((await ask({ by: ['namespace', 'name'] })).rows)
      expect(sums.success).toBe(105)
      expect(sums.responsesPerSecond).toBeCloseTo((10 + 1) / stretch, 10)
    })

    test('sum() tells responses by status, when asked', async () => {
      const key = cellKey()
      const success = statusKey({ classification: 'success', status: '200', grpcStatus: '' })
      const failure = statusKey({ classification: 'failure', status: '200', grpcStatus: '14' })
      const append = (offsetMs: number, ok: number, failed: number) =>
        store.append(
          delta(offsetMs, [
            {
              key,
              success: ok,
              failure: failed,
              statuses: new Map([
                [success, ok],
                [failure, failed],
              ]),
            },
          ]),
        )
      append(5_000, 4, 1)
      append(10_000, 6, 2)
      const whole = only((await ask({ withStatuses: true })).rows).sums
      expect(whole).toMatchObject({ success: 10, failure: 3 })
      expect(whole.statuses).toEqual(
        new Map([
          [success, { requests: 10, perSecond: expect.closeTo(1 / stretch, 10) }],
          [failure, { requests: 3, perSecond: expect.closeTo(0.3 / stretch, 10) }],
        ]),
      )
      const steps = (await ask({ withStatuses: true, stepSeconds: 5 * stretch })).rows
      expect(steps.map(({ sums }) => sums.statuses?.get(failure)?.requests)).toEqual([1, 2])
    })

    test('sum() keeps apart what `by` names and leaves out what `where` does not hold', async () => {
      const cells: CellDelta[] = [
        { key: cellKey({ peerId: 'a', port: '1' }), success: 1 },
        { key: cellKey({ peerId: 'a', port: '2' }), success: 2 },
        { key: cellKey({ peerId: 'b', port: '1' }), success: 4 },
        { key: cellKey({ peerId: 'c', port: '1' }), success: 8 },
        { key: cellKey({ view: 'outbound', direction: 'outbound', peerId: 'a' }), success: 16 },
      ]
      store.append(delta(5_000, cells))
      const counts = async (changed: Partial<Question>) =>
        Object.fromEntries((await ask(changed)).rows.map(row => [row.key.join(), row.sums.success]))
      expect(await counts({ by: ['peerId'] })).toEqual({ a: 3, b: 4, c: 8 })
      expect(await counts({ by: ['port', 'peerId'] })).toEqual({ '1,a': 1, '2,a': 2, '1,b': 4, '1,c': 8 })
      expect(
        await counts({ by: [], where: { view: 'inbound', port: '1', peerId: ['a', 'c', 'x'] } }),
      ).toEqual({
        '': 9,
      })
      expect(await counts({ by: ['view'], where: { view: 'outbound' } })).toEqual({ outbound: 16 })
    })

    test('sum() snaps the range outward and takes the slots in which scrapes ended', async () => {
      const key = cellKey()
      for (const [offsetMs, success] of [
        [4_999, 1],
        [5_000, 2],
        [9_999, 4],
        [10_000, 8],
        [15_000, 16],
      ] as const) {
        store.append(delta(offsetMs, [{ key, success }]))
      }
      const answer = await ask({ range: range(6_000, 14_000) })
      expect(answer.range).toEqual(range(5_000, 15_000))
      expect(answer.stepSeconds).toBe(5 * stretch)
      expect(only(answer.rows).sums.success).toBe(14)
    })

    test('sum() cuts the range into steps, and tells silence from ignorance', async () => {
      const key = cellKey()
      store.append(delta(1_000, [{ key, success: 3, tcpOpen: 2 }], 'web-0', 0))
      store.append(delta(11_000, [], 'web-0', 1_000))
      store.append(delta(31_000, [{ key, success: 5, tcpOpen: 0 }], 'web-0', 26_000))
      const answer = await ask({ stepSeconds: 7 * stretch, range: range(0, 40_000) })
      expect(answer.stepSeconds).toBe(10 * stretch)
      expect(answer.rows.map(row => [row.atMs, row.sums.success, row.sums.tcpOpen])).toEqual([
        [at(0), 3, 2],
        [at(10_000), 0, 2],
        [at(30_000), 5, 0],
      ])
      expect(answer.coverage).toEqual([
        {
          namespace: 'shop',
          pod: 'web-0',
          coveredMs: 16_000 * stretch,
          lastSampleAtMs: at(31_000),
          coveredMsByStep: [1_000, 10_000, 0, 5_000].map(ms => ms * stretch),
        },
      ])
    })

    test('sum() gives the connections open at the end of the range, also when nothing changed in it', async () => {
      const key = cellKey()
      for (let i = 1; i <= 24; i++) {
        store.append(delta(i * 5_000, i === 2 || i === 20 ? [{ key, tcpOpen: i }] : []))
      }
      const openIn = async (startMs: number, endMs: number) =>
        (await ask({ range: range(startMs, endMs) })).rows[0]?.sums.tcpOpen
      expect(await openIn(0, 10_000)).toBeUndefined()
      expect(await openIn(0, 15_000)).toBe(2)
      expect(await openIn(60_000, 70_000)).toBe(2)
      expect(await openIn(60_000, 120_000)).toBe(20)
    })

    test('sum() rejects, when it would have to merge unlike bounds', async () => {
      const latency = (boundsMs: number[]) => ({ boundsMs, counts: [...boundsMs.map(() => 1), 0] })
      const cells = [
        { key: cellKey({ port: '1' }), success: 1, latency: latency([1, 2]) },
        { key: cellKey({ port: '2' }), success: 1, latency: latency([1, 3]) },
      ]
      store.append(delta(5_000, cells))
      await expect(ask()).rejects.toThrow('bounds differ')
      expect((await ask({ by: ['port'] })).rows).toHaveLength(2)
    })

    test('lastCompleteSlotEndMs() waits for the slowest that answers, and not for one that fell silent', async () => {
      store.append(delta(9_000, []))
      store.append(delta(11_000, [], 'web-1'))
      await settle(store)
      expect(store.lastCompleteSlotEndMs(at(12_000))).toBe(at(5_000))
      expect(store.lastCompleteSlotEndMs(at(25_000))).toBe(at(10_000))
    })

    test('heardSinceMs is where the first delta begins', async () => {
      expect(store.heardSinceMs).toBeNull()
      store.append(delta(10_000, [], 'web-0', 10_000))
      await settle(store)
      expect(store.heardSinceMs).toBe(at(10_000))
      store.append(delta(15_000, []))
      await settle(store)
      expect(store.heardSinceMs).toBe(at(10_000))
      store.append(delta(11_000, [], 'web-1', 3_000))
      await settle(store)
      expect(store.heardSinceMs).toBe(at(3_000))
    })

    test('sum() refuses a range of more steps than it cuts', async () => {
      store.append(delta(1_000, [{ key: cellKey(), success: 1 }]))
      const question = { by: [], where: { view: 'inbound' } } as const
      const hours = range(-3_600_000 * (maxSteps + 1), 0)
      await expect(store.sum({ ...question, range: hours, stepSeconds: 5 })).rejects.toThrow(RangeError)
    })

    test('minimumWindowMs is two scrape intervals', () => {
      expect(store.minimumWindowMs).toBe(2 * slotMs)
    })

    if (!keepsElsewhere) {
      test('append() drops and counts a delta, when it is older than the store keeps', () => {
        const nowMs = epochMs + 30 * 86_400_000
        store.append(deltaAt(nowMs, []))
        store.append(deltaAt(epochMs, [{ key: cellKey(), success: 1 }]))
        expect(store.stats().droppedDeltas).toBe(1)
        expect(store.retained(nowMs).startMs).toBeLessThan(nowMs - 3_590_000)
      })
    }

    test('sum() keeps giving equal integers for a snapped range, while it ages', async () => {
      const key = cellKey()
      const question = {
        range: range(0, 120_000),
        by: ['name'],
        where: { view: 'inbound' },
        withStatuses: true,
      } as const
      let young: readonly Row[] = []
      for (let i = 0; i < 700; i++) {
        const statuses = new Map([
          ['success/200/', i % 7],
          ['failure/503/', i % 3],
        ])
        const cell = { key, success: i % 7, failure: i % 3, statuses, tcpOpen: i % 5, readBytes: i }
        store.append(delta(i * 5_000 + 1_234, [cell]))
        if (i === 30) young = (await store.sum(question)).rows
      }
      const old = await store.sum({ ...question, range: range(2_000, 118_000) })
      expect(old.range).toEqual(question.range)
      expect(old.rows).toEqual(young.map(row => ({ ...row, sums: closeRates(row.sums) })))
    })
  })
}

function closeRates(sums: Row['sums']): Row['sums'] {
  return {
    ...sums,
    responsesPerSecond: expect.closeTo(sums.responsesPerSecond, 8),
    readBytesPerSecond: expect.closeTo(sums.readBytesPerSecond, 8),
    writeBytesPerSecond: expect.closeTo(sums.writeBytesPerSecond, 8),
    statuses: new Map(
      Array.from(sums.statuses ?? [], ([key, { requests, perSecond }]) => [
        key,
        { requests, perSecond: expect.closeTo(perSecond, 8) },
      ]),
    ),
  }
}
