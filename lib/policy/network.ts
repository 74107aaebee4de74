import { parseIp } from './ip-address.ts'
import type { Network } from './server-policy.ts'

/** An address block: an address's bytes, of which the first `prefixBits` count. */
export interface Cidr {
  readonly bytes: Uint8Array
  readonly prefixBits: number
}

/** The block that `10.0.0.0/8`, or a lone address, names. Throws a `RangeError` for anything else. */
export function parseCidr(text: string): Cidr {
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const bytes = parseIp(address)
  if (bytes === null) throw new RangeError(`Cannot read network: expected <address>/<bits>, got "${text}"`)
  const length = bytes.length * 8
  if (slash < 0) return { bytes, prefixBits: length }
  const mappedBits = bytes.length === 4 && address.includes(':') ? 96 : 0
  const bits = text.slice(slash + 1)
  const prefixBits = Number(bits) - mappedBits
  if (!/^\d{1,3}$/.test(bits) || prefixBits < 0 || prefixBits > length) {
    throw new RangeError(
      `Cannot read network: expected ${mappedBits} to ${mappedBits + length} bits, got "${text}"`,
    )
  }
  return { bytes, prefixBits }
}

/** Whether the block holds the address. Blocks of one IP version hold no address of the other. */
export function cidrContains(cidr: Cidr, address: Uint8Array): boolean {
  if (cidr.bytes.length !== address.length) return false
  const wholeBytes = cidr.prefixBits >> 3
  for (let i = 0; i < wholeBytes; i++) if (cidr.bytes[i] !== address[i]) return false
  const restBits = cidr.prefixBits & 7
  if (restBits === 0) return true
  const mask = (0xff << (8 - restBits)) & 0xff
  return ((cidr.bytes[wholeBytes] ?? 0) & mask) === ((address[wholeBytes] ?? 0) & mask)
}

interface ParsedNetwork {
  readonly block: Cidr
  readonly except: readonly Cidr[]
}

const parsed = new WeakMap<Network, ParsedNetwork>()

/**
 * Whether the network, less its exceptions, holds the address. Text that is no address is in no network.
 * A network is parsed at its first use; a malformed one throws a `RangeError`.
 */
export function networkContains(network: Network, address: Uint8Array | null): boolean {
  if (address === null) return false
  let known = parsed.get(network)
  if (known === undefined) {
    known = { block: parseCidr(network.cidr), except: network.except.map(parseCidr) }
    parsed.set(network, known)
  }
  return cidrContains(known.block, address) && !known.except.some(cidr => cidrContains(cidr, address))
}
