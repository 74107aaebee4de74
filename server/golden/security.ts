import type { Mtls } from '#lib/api/edges.ts'

/** How many of something were secured, plainly not, or cannot be told. */
export interface Tally {
  secured: number
  plain: number
  unknown: number
}

/** How the traffic of one label set was protected; a reason says why it is not `secured`. */
export type Protection =
  | { readonly kind: 'secured' }
  | { readonly kind: 'plain' | 'unknown'; readonly reason: string }

/**
 * How traffic is protected that one end saw as `tls` with the other end's identity. It is secured only with mTLS and
 * an identity that is `expected`; with `expected` null any identity the mesh's CA signed is.
 */
export function protectionOf(
  tls: string,
  peerId: string,
  expected: ReadonlySet<string> | null,
  side: 'client' | 'server',
): Protection {
  if (tls === '') return { kind: 'unknown', reason: 'unknown' }
  if (tls !== 'true') return { kind: 'plain', reason: tls }
  if (peerId === '') return { kind: 'plain', reason: `no_${side}_identity` }
  if (expected === null || expected.has(peerId)) return { kind: 'secured' }
  if (expected.size === 0) return { kind: 'unknown', reason: 'unknown_peer' }
  return { kind: 'plain', reason: 'unexpected_identity' }
}

export function emptyTally(): Tally {
  return { secured: 0, plain: 0, unknown: 0 }
}

export function addTally(into: Tally, more: Tally): void {
  into.secured += more.secured
  into.plain += more.plain
  into.unknown += more.unknown
}

/** `all` only when every request and every connection was secured; `unknown` when there was none to tell from. */
export function mtlsOf(requests: Tally, connections: Tally): Mtls {
  const secured = requests.secured + connections.secured
  const plain = requests.plain + connections.plain
  const unknown = requests.unknown + connections.unknown
  if (secured + plain + unknown === 0) return 'unknown'
  if (plain + unknown === 0) return 'all'
  if (secured > 0) return 'some'
  return plain > 0 ? 'none' : 'unknown'
}

/** Secured requests ÷ all, of connections where there was no request; `null` without either. */
export function mtlsRatioOf(requests: Tally, connections: Tally): number | null {
  const tally = totalOf(requests) > 0 ? requests : connections
  const total = totalOf(tally)
  return total === 0 ? null : tally.secured / total
}

function totalOf({ secured, plain, unknown }: Tally): number {
  return secured + plain + unknown
}
