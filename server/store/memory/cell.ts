import { assertSameBounds } from '#lib/metrics/histogram.ts'
import { counterFields } from '#server/store/counter-fields.ts'
import type { CellDelta } from '#server/store/delta.ts'
import type { CellKey } from '#server/store/store.ts'
import { SlotLog, type TimeScale } from './slot-log.ts'
import { firstStatusField, type StatusFields } from './status-fields.ts'

/** Numbers of a cell by their place in the log: the counters, this, latency buckets from `firstBucket` on, then statuses. */
export const tcpOpenField = counterFields.length
export const firstBucket = tcpOpenField + 1

/** The instance that counted a cell. */
export interface CellOwner {
  /** How much of each step of the range that is summed its scrapes covered; `null`: it was not scraped in it. */
  coveredMsByStep: readonly number[] | null
}

/** One label set that had traffic, and its numbers over time. */
export interface Cell {
  readonly key: CellKey
  readonly owner: CellOwner
  readonly log: SlotLog
  /** `null` until a latency was counted. */
  boundsMs: readonly number[] | null
  newestAtMs: number
}

export function emptyCell(key: CellKey, scale: TimeScale, owner: CellOwner): Cell {
  return {
    key,
    owner,
    log: new SlotLog(scale, tcpOpenField),
    boundsMs: null,
    newestAtMs: Number.NEGATIVE_INFINITY,
  }
}

const fields: number[] = []
const values: number[] = []

/** Adds what one scrape counted. Throws a RangeError when its latency bounds are not those of the cell. */
export function appendToCell(
  cell: Cell,
  delta: CellDelta,
  atMs: number,
  fineFromMs: number,
  statusFields: StatusFields,
): void {
  fields.length = 0
  values.length = 0
  for (let i = 0; i < counterFields.length; i++) {
    const value = delta[counterFields[i]!]
    if (value !== undefined && value !== 0) {
      fields.push(i)
      values.push(value)
    }
  }
  if (delta.tcpOpen !== undefined && delta.tcpOpen !== cell.log.state) {
    fields.push(tcpOpenField)
    values.push(delta.tcpOpen)
  }
  if (delta.latency !== undefined) pushLatency(cell, delta.latency)
  if (delta.statuses !== undefined) {
    for (const [status, count] of delta.statuses) {
      if (count === 0) continue
      fields.push(statusFields.fieldOf(status))
      values.push(count)
    }
  }
  if (fields.length > 0) cell.log.append(atMs, fineFromMs, fields, values)
  cell.newestAtMs = Math.max(cell.newestAtMs, atMs)
}

function pushLatency(cell: Cell, latency: NonNullable<CellDelta['latency']>): void {
  if (firstBucket + latency.counts.length > firstStatusField) {
    throw new RangeError(`Cannot store latencies: expected fewer buckets, got ${latency.counts.length}`)
  }
  if (cell.boundsMs === null) cell.boundsMs = latency.boundsMs
  else assertSameBounds(cell.boundsMs, latency.boundsMs)
  for (let i = 0; i < latency.counts.length; i++) {
    const count = latency.counts[i]!
    if (count !== 0) {
      fields.push(firstBucket + i)
      values.push(count)
    }
  }
}
