import { Buffer } from 'node:buffer'

export const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1')

const HEADERS = 1
const CONTINUATION = 9
const MAX_FRAME_BYTES = 16_384
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

/**
 * A whole request without a body, in as many frames as it takes; each field spelled out (RFC 7541, 6.2.2).
 */
export function requestFrame(stream: number, fields: readonly (readonly [string, string])[]): Buffer {
  const all = [[':method', 'GET'], [':scheme', 'http'], [':path', '/'], ...fields] as const
  const block = Buffer.concat(
    all.flatMap(([name, value]) => [Buffer.from([0]), literal(name), literal(value)]),
  )
  const frames: Buffer[] = []
  for (let at = 0; at < block.length; at += MAX_FRAME_BYTES) {
    const isLast = at + MAX_FRAME_BYTES >= block.length
    const type = at === 0 ? HEADERS : CONTINUATION
    const flags = (at === 0 ? END_STREAM : 0) | (isLast ? END_HEADERS : 0)
    frames.push(frame(type, flags, stream, block.subarray(at, at + MAX_FRAME_BYTES)))
  }
  return Buffer.concat(frames)
}

/** A text with its length before it (RFC 7541, 5.1 and 5.2). */
function literal(text: string): Buffer {
  const length: number[] = [Math.min(text.length, 127)]
  if (text.length >= 127) {
    let rest = text.length - 127
    for (; rest >= 128; rest >>= 7) length.push((rest & 127) | 128)
    length.push(rest)
  }
  return Buffer.concat([Buffer.from(length), Buffer.from(text, 'latin1')])
}

/** A whole answer of 200 without a body. */
export function answerFrame(stream: number): Buffer {
  return frame(HEADERS, END_STREAM | END_HEADERS, stream, Buffer.of(0x88))
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

export const FRAME = { headers: 1, reset: 3, goaway: 7 } as const
