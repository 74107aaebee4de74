import fc from 'fast-check'
import { expect, test } from 'vitest'
import { linkerdLatencyBoundsMs } from '#lib/metrics/linkerd-buckets.ts'
import { cellKey, deltaAt, epochMs } from './conformance.ts'
import type { CellDelta, Delta } from './delta.ts'
import {
  type Answer,
  type CellKey,
  dimensions,
  maxSteps,
  type Question,
  type Store,
  type Sums,
} from './store.ts'
import { referenceAnswer } from './test-reference.ts'

const pods = ['web-0', 'web-1', 'db-0'] as const
const keys: readonly Partial<CellKey>[] = [
  {},
  { peerId: 'a', tls: 'no_identity' },
  { port: '9000', peerId: 'a' },
  {
    view: 'outbound',
    direction: 'outbound',
    peerNamespace: 'shop',
    peerKind: 'deployment',
    peerName: 'db',
    service: 'shop/db',
  },
  { view: 'outbound', direction: 'outbound', authority: 'db.shop', peerId: 'b' },
  {
    view: 'route',
    direction: 'outbound',
    route: 'GET /',
    service: 'shop/db',
    authority: 'db.shop.svc.cluster.local:80',
    port: '',
    tls: '',
  },
  { view: 'denied', peerId: 'a' },
]

const count = fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: 900 }))
/** A place in the whole: 0 its start, 1 its end. */
const ratio = fc.integer({ min: 0, max: 10_000 }).map(parts => parts / 10_000)
const counted = fc.record({
  key: fc.nat({ max: keys.length - 1 }),
  success: count,
  failure: count,
  bucket: fc.nat({ max: linkerdLatencyBoundsMs.length }),
  status: fc.constantFrom('200', '204', 'unknown'),
  denied: count,
  tcpOpened: count,
  actualFailure: count,
  readBytes: fc.oneof(fc.constant(0), fc.nat({ max: 2 ** 42 })),
  open: fc.nat({ max: 3 }),
})
/** One scrape: whose, when within the whole history, and what had been counted. */
const scrape = fc.record({
  pod: fc.nat({ max: pods.length - 1 }),
  atRatio: ratio,
  counted: fc.uniqueArray(counted, { maxLength: 4, selector: ({ key }) => key }),
})
type Scrape = typeof scrape extends fc.Arbitrary<infer T> ? T : never

const asked = fc.record({
  by: fc.subarray([...dimensions]),
  view: fc.constantFrom('inbound', 'outbound', 'route', 'denied'),
  where: fc.constantFrom<Omit<Question['where'], 'view'>>(
    {},
    { pod: 'web-1' },
    { peerId: ['a', 'b'], name: 'web' },
    { service: 'shop/db' },
  ),
  ratios: fc.tuple(ratio, ratio),
  stepSeconds: fc.constantFrom(undefined, 1, 7, 10, 30, 60, 300, 600, 3_600, 21_600),
  withStatuses: fc.boolean(),
})

export interface HistoriesUnderTest {
  readonly make: (options: { readonly intervalMs: number }) => Store | Promise<Store>
  /** Histories are at most so long. The store must keep all of that. */
  readonly spanMs: number
  /** Nobody is silent for longer: between what was counted, proxies are read in vain. Default: as long as it likes. */
  readonly maxGapMs?: number
  /** Called now and then between scrapes, as for a store that writes. Gives the store to go on with. */
  readonly pause?: (store: Store) => Promise<Store>
  readonly runs?: number
}

/** What every store answers equals what the slow reference does, of any history and any question. */
export function describeHistories(
  name: string,
  { make, spanMs, maxGapMs, pause, runs = 80 }: HistoriesUnderTest,
): void {
  test(`${name}: sum() gives the integers of the reference, whatever happened and whatever is asked`, async () => {
    const history = fc.record({
      lengthMs: fc.oneof(fc.integer({ min: 20_000, max: 300_000 }), fc.integer({ min: 20_000, max: spanMs })),
      scrapes: fc.array(scrape, { minLength: 1, maxLength: 30 }),
      pauses: fc.array(fc.nat({ max: 29 }), { maxLength: 4 }),
      questions: fc.array(asked, { minLength: 1, maxLength: 8 }),
    })
    await fc.assert(
      fc.asyncProperty(history, async ({ lengthMs, scrapes, pauses, questions }) => {
        const deltas = deltasOf(scrapes, lengthMs, maxGapMs ?? spanMs)
        let store = await make({ intervalMs: 5_000 })
        for (const [i, delta] of deltas.entries()) {
          store.append(delta)
          if (pause && pauses.includes(i)) store = await pause(store)
        }
        for (const { view, where, ratios, stepSeconds, ...more } of questions) {
          const [start, end] = ratios.map(part => epochMs + Math.round(part * lengthMs)).sort((a, b) => a - b)
          const isTooFine = (end! - start!) / 1_000 > ((stepSeconds ?? 3_600) * maxSteps) / 2
          const question: Question = {
            ...more,
            where: { ...where, view },
            range: { startMs: start!, endMs: end! + 1 },
            ...(stepSeconds === undefined ? {} : { stepSeconds: isTooFine ? 3_600 : stepSeconds }),
          }
          const answer = await store.sum(question)
          const expected = referenceAnswer(deltas, question, answer.stepSeconds * 1_000)
          expect(comparable(answer)).toEqual(comparable(expected))
        }
        await store.close()
      }),
      { numRuns: runs },
    )
  }, 120_000)
}

function deltasOf(scrapes: readonly Scrape[], lengthMs: number, maxGapMs: number): readonly Delta[] {
  const lastEndMs = new Map<string, number>()
  const open = new Map<string, number>()
  const timed = scrapes.map(each => ({ ...each, endMs: epochMs + Math.round(each.atRatio * lengthMs) }))
  timed.sort((a, b) => a.endMs - b.endMs)
  const deltas = timed.flatMap(({ pod: podIndex, endMs: wantedMs, counted: cells }) => {
    const pod = pods[podIndex]!
    // No proxy is scraped twice in a millisecond.
    const endMs = Math.max(wantedMs, (lastEndMs.get(pod) ?? 0) + 1)
    let startMs = lastEndMs.get(pod) ?? endMs
    lastEndMs.set(pod, endMs)
    const inVain: Delta[] = []
    for (; endMs - startMs > maxGapMs; startMs += maxGapMs)
      inVain.push(deltaAt(startMs + maxGapMs, [], { pod, startMs }))
    const told = cells.map((one): CellDelta => {
      const key = cellKey({ ...keys[one.key], pod, name: pod.slice(0, -2) })
      if (key.view === 'denied') return { key, denied: one.denied }
      const { success, failure, status, readBytes, tcpOpened, actualFailure } = one
      const latencies = linkerdLatencyBoundsMs.map(() => 0)
      latencies.push(0)
      latencies[one.bucket] = success + failure
      const responses: CellDelta = {
        key,
        success,
        failure,
        latency: { boundsMs: linkerdLatencyBoundsMs, counts: latencies },
        statuses: new Map([
          [`success/${status}/`, success],
          [`failure/${status}/`, failure],
        ]),
      }
      if (key.view === 'route') return { ...responses, actualFailure }
      const id = `${pod} ${one.key}`
      const isOpenTold = one.open > 0 || (open.get(id) ?? 0) !== one.open
      open.set(id, one.open)
      return { ...responses, tcpOpened, readBytes, ...(isOpenTold ? { tcpOpen: one.open } : {}) }
    })
    return [...inVain, deltaAt(endMs, told, { pod, startMs })]
  })
  return deltas.sort((a, b) => a.endMs - b.endMs)
}

/** Rates to nine digits: the order in which they are added changes the others. */
function comparable({ range, stepSeconds, rows, coverage }: Answer): unknown {
  return {
    range,
    stepSeconds,
    rows: rows.map(row => ({ ...row, sums: roundRates(row.sums) })),
    coverage: [...coverage].sort((a, b) => (a.pod < b.pod ? -1 : 1)),
  }
}

function roundRates(sums: Sums): Sums {
  const round = (rate: number) => Number(rate.toPrecision(9))
  return {
    ...sums,
    responsesPerSecond: round(sums.responsesPerSecond),
    readBytesPerSecond: round(sums.readBytesPerSecond),
    writeBytesPerSecond: round(sums.writeBytesPerSecond),
    statuses:
      sums.statuses &&
      new Map(
        Array.from(sums.statuses, ([key, { requests, perSecond }]) => [
          key,
          { requests, perSecond: round(perSecond) },
        ]),
      ),
  }
}
