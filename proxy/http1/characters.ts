function table(isMember: (byte: number) => boolean): Uint8Array {
  const members = new Uint8Array(256)
  for (let byte = 0; byte < 256; byte++) members[byte] = isMember(byte) ? 1 : 0
  return members
}

const TOKEN_SIGNS = "!#$%&'*+-.^_`|~"
const HOST_SIGNS = "-._~%!$&'()*+,;=:[]"

function isAlphanumeric(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
}

/** 1 for bytes of a token: methods and header names (RFC 9110, 5.6.2). */
export const TOKEN = table(byte => isAlphanumeric(byte) || TOKEN_SIGNS.includes(String.fromCharCode(byte)))

/** 1 for bytes of a header value: visible ones, space, tab, and bytes above ASCII. */
export const VALUE = table(byte => byte === 0x09 || (byte >= 0x20 && byte !== 0x7f))

/** 1 for bytes of a request target: visible ASCII but `#`, which no target holds. */
export const TARGET = table(byte => byte > 0x20 && byte < 0x7f && byte !== 0x23)

/** 1 for bytes of a host and port. */
export const HOST = table(byte => isAlphanumeric(byte) || HOST_SIGNS.includes(String.fromCharCode(byte)))

/** The value of a hexadecimal digit; 255 for all other bytes. */
export const HEX = new Uint8Array(256).map((_, byte) => {
  const digit = '0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase())
  return digit < 0 ? 255 : digit
})

export const CR = 0x0d
export const LF = 0x0a
export const SPACE = 0x20
export const TAB = 0x09
export const COLON = 0x3a
