import { Buffer } from 'node:buffer'
/** What the first bytes of a connection say about TLS. */
export type Hello =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'not-tls' }
  /** `serverName` is `null` when the client names none. */
  | { readonly kind: 'hello'; readonly serverName: string | null }

const NOT_TLS: Hello = { kind: 'not-tls' }
const INCOMPLETE: Hello = { kind: 'incomplete' }
const HANDSHAKE = 22
const CLIENT_HELLO = 1
const SERVER_NAME = 0
const RECORD_HEAD_BYTES = 5
/** A ClientHello that is longer is none of ours. */
const MAX_HELLO_BYTES = 8192

/** Reads the server name of a ClientHello (RFC 8446, 4.1.2; RFC 6066, 3), in one record or several. */
export function parseClientHello(bytes: Buffer): Hello {
  if (bytes.length > 0 && bytes[0] !== HANDSHAKE) return NOT_TLS
  if (bytes.length > 1 && bytes[1] !== 3) return NOT_TLS
  if (bytes.length > RECORD_HEAD_BYTES && bytes[RECORD_HEAD_BYTES] !== CLIENT_HELLO) return NOT_TLS
  const records = handshakeRecords(bytes)
  if (records === null) return NOT_TLS
  const handshake = Buffer.concat(records)
  if (handshake.length < 4) return bytes.length > MAX_HELLO_BYTES ? NOT_TLS : INCOMPLETE
  const length = handshake.readUIntBE(1, 3)
  if (length > MAX_HELLO_BYTES) return NOT_TLS
  if (handshake.length < 4 + length) return INCOMPLETE
  try {
    return { kind: 'hello', serverName: serverNameOf(handshake.subarray(4, 4 + length)) }
  } catch (error) {
    if (error instanceof RangeError) return NOT_TLS
    throw error
  }
}

/** What the records so far hold; `null` when a record is not of a handshake. */
function handshakeRecords(bytes: Buffer): Buffer[] | null {
  const parts: Buffer[] = []
  let at = 0
  while (at + RECORD_HEAD_BYTES <= bytes.length) {
    if (bytes[at] !== HANDSHAKE) return parts.length > 0 ? parts : null
    const end = at + RECORD_HEAD_BYTES + bytes.readUInt16BE(at + 3)
    parts.push(bytes.subarray(at + RECORD_HEAD_BYTES, end))
    at = end
  }
  return parts
}

/** Reads past the end throw a `RangeError`. */
function serverNameOf(hello: Buffer): string | null {
  let at = 2 + 32
  at += 1 + hello.readUInt8(at)
  at += 2 + hello.readUInt16BE(at)
  at += 1 + hello.readUInt8(at)
  if (at === hello.length) return null
  const end = at + 2 + hello.readUInt16BE(at)
  at += 2
  while (at < end) {
    const type = hello.readUInt16BE(at)
    const sizeBytes = hello.readUInt16BE(at + 2)
    at += 4
    if (type === SERVER_NAME && hello.readUInt8(at + 2) === 0) {
      const nameBytes = hello.readUInt16BE(at + 3)
      return hello.toString('latin1', at + 5, at + 5 + nameBytes)
    }
    at += sizeBytes
  }
  return null
}
