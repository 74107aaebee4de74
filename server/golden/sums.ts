import type { Golden, Tcp } from '#lib/api/common.ts'
import { goldenSignals, idleGolden, unknownGolden } from '#lib/metrics/golden.ts'
import { mergeHistograms } from '#lib/metrics/histogram.ts'
import type { StatusCount, Sums } from '#server/store/store.ts'

/** Sums of nothing, to be added to. */
export function emptySums(): Sums {
  return {
    success: 0,
    failure: 0,
    latency: null,
    actualSuccess: 0,
    actualFailure: 0,
    denied: 0,
    limited: 0,
    unrouted: 0,
    tcpOpened: 0,
    tcpClosed: 0,
    tcpOpen: 0,
    readBytes: 0,
    writeBytes: 0,
    responsesPerSecond: 0,
    readBytesPerSecond: 0,
    writeBytesPerSecond: 0,
    statuses: null,
  }
}

/** Adds `more` to `into`. Both must be counts of different things, or of different instances. */
export function addSums(into: Sums, more: Sums): void {
  into.success += more.success
  into.failure += more.failure
  if (more.latency) into.latency = into.latency ? mergeHistograms(into.latency, more.latency) : more.latency
  into.actualSuccess += more.actualSuccess
  into.actualFailure += more.actualFailure
  into.denied += more.denied
  into.limited += more.limited
  into.unrouted += more.unrouted
  into.tcpOpened += more.tcpOpened
  into.tcpClosed += more.tcpClosed
  into.tcpOpen += more.tcpOpen
  into.readBytes += more.readBytes
  into.writeBytes += more.writeBytes
  if (more.statuses) into.statuses = into.statuses ? addStatuses(into.statuses, more.statuses) : more.statuses
  into.responsesPerSecond += more.responsesPerSecond
  into.readBytesPerSecond += more.readBytesPerSecond
  into.writeBytesPerSecond += more.writeBytesPerSecond
}

/** Classified responses. */
export function requestsOf(sums: Sums): number {
  return sums.success + sums.failure
}

function addStatuses(
  a: ReadonlyMap<string, StatusCount>,
  b: ReadonlyMap<string, StatusCount>,
): ReadonlyMap<string, StatusCount> {
  const sum = new Map(a)
  for (const [status, { requests, perSecond }] of b) {
    const before = sum.get(status)
    sum.set(status, {
      requests: requests + (before?.requests ?? 0),
      perSecond: perSecond + (before?.perSecond ?? 0),
    })
  }
  return sum
}

/** Connections that were open at any time in the range; of callers only those that opened in it are known. */
export function connectionsOf(sums: Sums): number {
  return Math.max(sums.tcpOpen + sums.tcpClosed, sums.tcpOpened)
}

/**
 * Golden signals of a row; all `null` unless a proxy was `heard` or others counted requests: a first scrape tells of
 * open connections, and of no request. A caller's proxy counts a refusal as a success, for it is a 403: `refused` of
 * the successes are none.
 */
export function goldenOf(sums: Sums | undefined, heard: boolean, refused = 0): Golden {
  if (!sums || (!heard && requestsOf(sums) === 0)) return heard ? idleGolden : unknownGolden
  const golden = goldenSignals(sums)
  if (refused === 0 || golden.successRate === null) return golden
  return { ...golden, successRate: Math.max(0, sums.success - refused) / requestsOf(sums) }
}

/** TCP figures of a row; those that nobody counted are `null` unless a proxy was `heard`. */
export function tcpOf(sums: Sums | undefined, heard: boolean): Tcp {
  if (!sums && !heard) return { open: null, readBytesPerSecond: null, writeBytesPerSecond: null }
  const isCounted = heard || (sums !== undefined && sums.readBytes + sums.writeBytes > 0)
  return {
    open: sums?.tcpOpen ?? 0,
    readBytesPerSecond: isCounted ? (sums?.readBytesPerSecond ?? 0) : null,
    writeBytesPerSecond: isCounted ? (sums?.writeBytesPerSecond ?? 0) : null,
  }
}
