import { Buffer } from 'node:buffer'

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

const END_STREAM = 0x1
const END_HEADERS = 0x4

function frame(type: number, flags: number, stream: number, payload = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

export const SETTINGS = frame(4, 0, 0)

/** A whole request without a body; each field spelled out (RFC 7541, 6.2.2). Names and values below 127 bytes. */
export function requestFrame(stream: number, fields: readonly (readonly [string, string])[]): Buffer {
  const all = [[':method', 'GET'], [':scheme', 'http'], [':path', '/'], ...fields] as const
  const block = all.flatMap(([name, value]) => [
    Buffer.from([0, name.length]),
    Buffer.from(name, 'latin1'),
    Buffer.from([value.length]),
    Buffer.from(value, 'latin1'),
  ])
  return frame(1, END_STREAM | END_HEADERS, stream, Buffer.concat(block))
}

export function resetFrame(stream: number, code: number): Buffer {
  const payload = Buffer.alloc(4)
  payload.writeUInt32BE(code)
  return frame(3, 0, stream, payload)
}

export const GOAWAY = frame(7, 0, 0, Buffer.alloc(8))

/** The frames that a peer sent, whole ones only. */
export function framesOf(
  text: string,
): { readonly type: number; readonly stream: number; readonly payload: Buffer }[] {
  const bytes = Buffer.from(text, 'latin1')
  const frames = []
  let at = 0
  while (at + 9 <= bytes.length) {
    const end = at + 9 + bytes.readUIntBE(at, 3)
    if (end > bytes.length) break
    frames.push({
      type: bytes[at + 3] ?? 0,
      stream: bytes.readUInt32BE(at + 5),
      payload: bytes.subarray(at + 9, end),
    })
    at = end
  }
  return frames
}

export const FRAME = { headers: 1, reset: 3 } as const
