/** Writers of ASN.1 values in DER (X.690): each returns the whole value, tag and length included. */

export function sequence(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x30, ...parts)
}

export function set(...parts: readonly Uint8Array[]): Buffer {
  return tagged(0x31, ...parts)
}

/** A small integer that is not negative: 0 to 127. */
export function smallInteger(value: number): Buffer {
  return tagged(0x02, Uint8Array.of(value))
}

export function octetString(bytes: Uint8Array): Buffer {
  return tagged(0x04, bytes)
}

/** Whole bytes: no bit of the last one is unused. */
export function bitString(bytes: Uint8Array): Buffer {
  return tagged(0x03, Uint8Array.of(0), bytes)
}

/** `[number] IMPLICIT` of a value that has parts. */
export function implicitParts(number: number, ...parts: readonly Uint8Array[]): Buffer {
  return tagged(0xa0 | number, ...parts)
}

/** `[number] IMPLICIT` of a plain value. */
export function implicitValue(number: number, bytes: Uint8Array): Buffer {
  return tagged(0x80 | number, bytes)
}

/** An object identifier from its dotted form. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(0x06, Uint8Array.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): number[] {
  const digits = [value & 0x7f]
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) digits.unshift((rest & 0x7f) | 0x80)
  return digits
}

/** A value of any other tag. */
export function tagged(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Uint8Array.from([tag, ...lengthBytes(content.length)]), content])
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff)
  return [0x80 | bytes.length, ...bytes]
}
