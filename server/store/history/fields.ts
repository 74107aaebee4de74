import { counterFields } from '#server/store/counter-fields.ts'
import type { CellDelta } from '#server/store/delta.ts'
import { otherStatus, readStatusKey, statusKey } from '#server/store/status-key.ts'

export const firstStatusField = 100
const maxStatuses = 1_024
export const firstBucketField = 2_000
const endField = 65_536

/** What numbers above those of the counters stand for: a status, or the first of the buckets of some bounds. */
export interface FieldEntry {
  readonly id: number
  readonly kind: 'status' | 'bounds'
  /** The status key, or the bounds in milliseconds as JSON. */
  readonly text: string
}

interface Bounds {
  readonly firstField: number
  readonly boundsMs: readonly number[]
}

/** Numbers of statuses and of latency buckets, the same for all cells and for as long as the file lives. */
export class Fields {
  readonly #statuses = new Map<string, number>()
  readonly #statusOf = new Map<number, string>()
  readonly #bounds = new Map<string, Bounds>()
  readonly #known = new WeakMap<readonly number[], Bounds>()
  readonly #inOrder: Bounds[] = []
  #nextStatus = firstStatusField
  #nextBucket = firstBucketField
  #unsaved: FieldEntry[] = []

  constructor(saved: readonly FieldEntry[]) {
    for (const { id, kind, text } of saved) {
      if (kind === 'status') this.#keepStatus(id, text)
      else this.#keepBounds(id, text, JSON.parse(text))
    }
    if (saved.length > 0) return
    for (const classification of ['success', 'failure'] as const) {
      this.statusField(statusKey({ classification, status: otherStatus, grpcStatus: '' }))
    }
  }

  /** Entries that no file has yet: those of this moment, though others come while these are written. */
  get unsaved(): readonly FieldEntry[] {
    return [...this.#unsaved]
  }

  /** The first `count` of the unsaved entries were written. */
  saved(count: number): void {
    this.#unsaved = this.#unsaved.slice(count)
  }

  /** Tells each number of a cell that is not zero. Latencies in more bounds than there is room for are passed over. */
  tell(delta: CellDelta, add: (field: number, value: number) => void): void {
    for (let field = 0; field < counterFields.length; field++) {
      const value = delta[counterFields[field]!]
      if (value !== undefined && value !== 0) add(field, value)
    }
    if (delta.latency !== undefined) {
      const { boundsMs, counts } = delta.latency
      const bounds = this.#boundsOf(boundsMs)
      if (bounds !== null) {
        for (let i = 0; i < counts.length; i++) if (counts[i] !== 0) add(bounds.firstField + i, counts[i]!)
      }
    }
    for (const [status, count] of delta.statuses ?? []) if (count !== 0) add(this.statusField(status), count)
  }

  /** The number of a status. When over a thousand are known, those that are new share one for each classification. */
  statusField(key: string): number {
    const known = this.#statuses.get(key)
    if (known !== undefined) return known
    const id = this.#nextStatus
    if (id >= firstStatusField + maxStatuses) {
      return firstStatusField + (readStatusKey(key).classification === 'success' ? 0 : 1)
    }
    this.#keepStatus(id, key)
    this.#unsaved.push({ id, kind: 'status', text: key })
    return id
  }

  /** The status of a number that `statusField` gave. */
  statusOf(field: number): string {
    return this.#statusOf.get(field) ?? ''
  }

  /** The bounds that a bucket's number belongs to, and which of their buckets it is. */
  bucketOf(field: number): { readonly boundsMs: readonly number[]; readonly bucket: number } {
    const bounds = this.#inOrder.findLast(({ firstField }) => firstField <= field)
    if (bounds === undefined)
      throw new RangeError(`Cannot tell a bucket: expected one of a file, got ${field}`)
    return { boundsMs: bounds.boundsMs, bucket: field - bounds.firstField }
  }

  #boundsOf(boundsMs: readonly number[]): Bounds | null {
    const known = this.#known.get(boundsMs)
    if (known !== undefined) return known
    const text = JSON.stringify(boundsMs)
    let bounds = this.#bounds.get(text)
    if (bounds === undefined) {
      if (this.#nextBucket + boundsMs.length + 1 > endField) return null
      const id = this.#nextBucket
      bounds = this.#keepBounds(id, text, boundsMs)
      this.#unsaved.push({ id, kind: 'bounds', text })
    }
    this.#known.set(boundsMs, bounds)
    return bounds
  }

  #keepStatus(id: number, key: string): void {
    this.#statuses.set(key, id)
    this.#statusOf.set(id, key)
    this.#nextStatus = Math.max(this.#nextStatus, id + 1)
  }

  #keepBounds(id: number, text: string, boundsMs: readonly number[]): Bounds {
    const bounds = { firstField: id, boundsMs: [...boundsMs] }
    this.#bounds.set(text, bounds)
    this.#inOrder.push(bounds)
    this.#inOrder.sort((a, b) => a.firstField - b.firstField)
    this.#nextBucket = Math.max(this.#nextBucket, id + boundsMs.length + 1)
    return bounds
  }
}
