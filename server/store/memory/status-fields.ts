import { otherStatus, readStatusKey, statusKey } from '#server/store/status-key.ts'

/** A field takes two bytes of seven bits: the last thousand are for statuses. */
const endField = 16_384
const maxStatuses = 1_024
export const firstStatusField = endField - maxStatuses

/** The fields of a log under which responses of each status are counted; the same for all cells of a store. */
export class StatusFields {
  readonly #fields = new Map<string, number>()
  readonly #statuses: string[] = []

  constructor() {
    for (const classification of ['success', 'failure'] as const) {
      this.#add(statusKey({ classification, status: otherStatus, grpcStatus: '' }))
    }
  }

  /** The field of a status. When over a thousand are known, those that are new share one for each classification. */
  fieldOf(key: string): number {
    const known = this.#fields.get(key)
    if (known !== undefined) return known
    if (this.#statuses.length < maxStatuses) return this.#add(key)
    return readStatusKey(key).classification === 'success' ? firstStatusField : firstStatusField + 1
  }

  /** The status of a field that `fieldOf` gave. */
  statusOf(field: number): string {
    return this.#statuses[field - firstStatusField] ?? ''
  }

  #add(key: string): number {
    const field = firstStatusField + this.#statuses.length
    this.#fields.set(key, field)
    this.#statuses.push(key)
    return field
  }
}
