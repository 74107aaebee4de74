/** The text of these bytes as UTF-8; a broken sequence reads as U+FFFD, one for each byte of it. */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  if (isAscii(bytes, start, end)) return decodeAscii(bytes, start, end)
  let text = ''
  let at = start
  while (at < end) {
    const byte = bytes[at]!
    if (byte < 0x80) {
      text += String.fromCharCode(byte)
      at++
      continue
    }
    const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2
    const point = at + length <= end ? sequence(bytes, at, length) : -1
    text += point < 0 ? '\ufffd' : String.fromCodePoint(point)
    at += point < 0 ? 1 : length
  }
  return text
}

function isAscii(bytes: Uint8Array, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (bytes[at]! >= 0x80) return false
  return true
}

/** As many as one call may safely have arguments. */
const longestCall = 4_096

function decodeAscii(bytes: Uint8Array, start: number, end: number): string {
  if (end - start <= longestCall) {
    // `apply` takes any array-like; spreading would walk an iterator, byte by byte.
    return Reflect.apply(String.fromCharCode, null, bytes.subarray(start, end))
  }
  return decodeAscii(bytes, start, start + longestCall) + decodeAscii(bytes, start + longestCall, end)
}

const smallest = [0, 0, 0x80, 0x800, 0x1_0000]

function sequence(bytes: Uint8Array, at: number, length: number): number {
  const first = bytes[at]!
  if (first < 0xc2 || first > 0xf4) return -1
  let point = first & (0x7f >> length)
  for (let i = 1; i < length; i++) {
    const next = bytes[at + i]!
    if ((next & 0xc0) !== 0x80) return -1
    point = (point << 6) | (next & 0x3f)
  }
  const isValid = point >= smallest[length]! && point <= 0x10_ffff && !(point >= 0xd800 && point <= 0xdfff)
  return isValid ? point : -1
}
