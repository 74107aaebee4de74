import { Buffer } from 'node:buffer'
import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { HeaderSchema } from '#lib/mesh-api/gen/io/l5d/transport/header_pb.ts'

/** The ALPN protocol of connections that begin with a transport header. */
export const TRANSPORT_ALPN = 'transport.l5d.io/v1'

const MAGIC = Buffer.from(`${TRANSPORT_ALPN}\r\n\r\n`, 'latin1')
const LENGTH_BYTES = 4
/** Far above any real one: a port, a name, a protocol. */
const MAX_MESSAGE_BYTES = 4096

type SessionProtocol = 'http1' | 'http2' | 'opaque'

/** What a peer says first about a connection. */
export interface TransportHeader {
  readonly port: number
  /** Set only toward a gateway. */
  readonly name: string
  readonly sessionProtocol: SessionProtocol
}

export type ParsedTransportHeader =
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'invalid'; readonly reason: string }
  | { readonly kind: 'header'; readonly header: TransportHeader; readonly sizeBytes: number }

/** The bytes to send first on a connection. */
export function encodeTransportHeader({ port, name, sessionProtocol }: TransportHeader): Buffer {
  const message = toBinary(
    HeaderSchema,
    create(HeaderSchema, {
      port,
      name,
      ...(sessionProtocol === 'opaque'
        ? {}
        : { sessionProtocol: { kind: { case: sessionProtocol, value: {} } } }),
    }),
  )
  const length = Buffer.alloc(LENGTH_BYTES)
  length.writeUInt32BE(message.length)
  return Buffer.concat([MAGIC, length, message])
}

/** Reads the header at the start of a connection's bytes; `sizeBytes` is how many of them it took. */
export function parseTransportHeader(bytes: Buffer): ParsedTransportHeader {
  const known = Math.min(bytes.length, MAGIC.length)
  if (!bytes.subarray(0, known).equals(MAGIC.subarray(0, known)))
    return { kind: 'invalid', reason: 'no magic' }
  if (bytes.length < MAGIC.length + LENGTH_BYTES) return { kind: 'incomplete' }
  const length = bytes.readUInt32BE(MAGIC.length)
  if (length > MAX_MESSAGE_BYTES) return { kind: 'invalid', reason: `${length} bytes long` }
  const start = MAGIC.length + LENGTH_BYTES
  if (bytes.length < start + length) return { kind: 'incomplete' }
  let message: ReturnType<typeof fromBinary<typeof HeaderSchema>>
  try {
    message = fromBinary(HeaderSchema, bytes.subarray(start, start + length))
  } catch {
    return { kind: 'invalid', reason: 'not a protobuf message' }
  }
  if (message.port < 1 || message.port > 65_535) return { kind: 'invalid', reason: `port ${message.port}` }
  return {
    kind: 'header',
    sizeBytes: start + length,
    header: {
      port: message.port,
      name: message.name,
      sessionProtocol: message.sessionProtocol?.kind.case ?? 'opaque',
    },
  }
}
