import type { HalfEnd, HalfResponse, HalfStart } from './half.ts'

/** A request as one proxy saw it. */
export interface Half {
  /** When its beginning was heard of, in Unix milliseconds. */
  readonly atMs: number
  /** `namespace/name` of the pod whose proxy tells. */
  readonly pod: string
  readonly start: HalfStart
  response: HalfResponse | null
  end: HalfEnd | null
  /** When its end was heard of; or when it became known that it never will be. */
  endedAtMs: number | null
}

/** One request, to be told now. At least one half is there. */
export interface Told {
  readonly id: number
  readonly outbound: Half | null
  readonly inbound: Half | null
  /** It goes on; it is told again at its end. */
  readonly isPending: boolean
  /** It was told as pending before. */
  readonly isAgain: boolean
}

interface Request {
  readonly id: number
  readonly atMs: number
  /** What the other half is known by; `null` when there is none to be heard of. */
  readonly key: string | null
  readonly isShown: boolean
  outbound: Half | null
  inbound: Half | null
  isToldPending: boolean
  toldAtMs: number | null
}

export interface JoinerOptions {
  /** Requests at once; what begins beyond them is refused. */
  readonly maxOpen: number
  /** Asked once for each request: whether it is told at all, or only counted. */
  readonly isShown: () => boolean
}

/** How long an ended half waits for the other one. */
const otherHalfMs = 1_000
const pendingMs = 10_000
/** How long a request that was told with one half still takes in the other, so that this is not told as a second. */
const lateMs = 5_000

/**
 * Makes one request of what the proxies at both its ends tell. Halves that share a key are paired in the order in which
 * they begin, an outbound with an inbound one.
 */
export class Joiner {
  readonly #options: JoinerOptions
  readonly #open = new Set<Request>()
  /** Requests that lack a half, by key, the oldest first. */
  readonly #lacking = new Map<string, Request[]>()
  #nextId = 1

  constructor(options: JoinerOptions) {
    this.#options = options
  }

  /** How many requests are being followed. */
  get size(): number {
    return this.#open.size
  }

  /** Takes the beginning of a half: of a request not heard of before, shown or not, of one that is, or refused. */
  begin(half: Half, key: string | null): 'shown' | 'hidden' | 'joined' | 'refused' {
    const { direction } = half.start
    const request = key === null ? undefined : this.#takeLacking(key, direction)
    if (request !== undefined) {
      request[direction] = half
      return 'joined'
    }
    if (this.#open.size >= this.#options.maxOpen) return 'refused'
    const isShown = this.#options.isShown()
    const made: Request = {
      id: this.#nextId++,
      atMs: half.atMs,
      key,
      isShown,
      outbound: null,
      inbound: null,
      isToldPending: false,
      toldAtMs: null,
    }
    made[direction] = half
    this.#open.add(made)
    if (key !== null) {
      const others = this.#lacking.get(key)
      if (others === undefined) this.#lacking.set(key, [made])
      else others.push(made)
    }
    return isShown ? 'shown' : 'hidden'
  }

  /** The requests that are to be told by now, in the order in which they began. */
  advance(nowMs: number): Told[] {
    const told: Told[] = []
    for (const request of this.#open) {
      if (request.toldAtMs !== null) {
        if (nowMs - request.toldAtMs >= lateMs) this.#forget(request)
        continue
      }
      const { id, outbound, inbound, isToldPending, isShown } = request
      const isEnded = hasEnded(request, nowMs)
      const isPending = !isEnded && !isToldPending && nowMs - request.atMs >= pendingMs
      if (isShown && (isEnded || isPending)) {
        told.push({ id, outbound, inbound, isPending, isAgain: isToldPending })
      }
      if (isPending) request.isToldPending = true
      if (!isEnded) continue
      request.toldAtMs = nowMs
      if (!lacksHalf(request)) this.#forget(request)
    }
    return told
  }

  /**
   * The requests that have ended and were not told yet, though another half may be to come; and how many there are of
   * those that are shown and go on, untold. Follows none of them any longer.
   */
  finish(): { readonly told: readonly Told[]; readonly unfinished: number } {
    const told: Told[] = []
    let unfinished = 0
    for (const { id, outbound, inbound, isToldPending, isShown, toldAtMs } of this.#open) {
      if (!isShown || toldAtMs !== null) continue
      const hasEnd = (outbound ?? inbound)?.endedAtMs !== null
      if (hasEnd) told.push({ id, outbound, inbound, isPending: false, isAgain: isToldPending })
      else if (!isToldPending) unfinished++
    }
    this.#open.clear()
    this.#lacking.clear()
    return { told, unfinished }
  }

  #takeLacking(key: string, direction: 'inbound' | 'outbound'): Request | undefined {
    const requests = this.#lacking.get(key)
    if (requests === undefined) return undefined
    const at = requests.findIndex(request => request[direction] === null)
    if (at === -1) return undefined
    const [request] = requests.splice(at, 1)
    if (requests.length === 0) this.#lacking.delete(key)
    return request
  }

  #forget(request: Request): void {
    this.#open.delete(request)
    const requests = request.key === null ? undefined : this.#lacking.get(request.key)
    const at = requests?.indexOf(request) ?? -1
    if (request.key === null || requests === undefined || at === -1) return
    requests.splice(at, 1)
    if (requests.length === 0) this.#lacking.delete(request.key)
  }
}

function lacksHalf({ key, outbound, inbound }: Request): boolean {
  return key !== null && (outbound === null || inbound === null)
}

/** Both halves have, or one has and waited long enough for the other. The caller's word alone ends what the callee goes on with. */
function hasEnded(request: Request, nowMs: number): boolean {
  const { outbound, inbound } = request
  const decisive = outbound ?? inbound
  if (decisive === null || decisive.endedAtMs === null) return false
  const waits = lacksHalf(request) || (outbound !== null && inbound !== null && inbound.endedAtMs === null)
  return !waits || nowMs - decisive.endedAtMs >= otherHalfMs
}
