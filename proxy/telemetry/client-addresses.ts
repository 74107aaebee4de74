/** The label of every address beyond the bound. */
const OTHER = 'other'

/** Which callers' addresses are told apart in labels: the first `maxAddresses`, until they are forgotten. */
export class ClientAddresses {
  #known = new Set<string>()
  readonly #maxAddresses: number

  constructor(maxAddresses: number) {
    this.#maxAddresses = maxAddresses
  }

  /** The address itself, or `other` once there are too many. */
  label(ip: string): string {
    if (this.#known.has(ip)) return ip
    if (this.#known.size >= this.#maxAddresses) return OTHER
    this.#known.add(ip)
    return ip
  }

  /** Forgets all but these, to make room for new ones. */
  retain(addresses: Iterable<string>): void {
    const kept = new Set(addresses)
    kept.delete(OTHER)
    this.#known = kept
  }
}
