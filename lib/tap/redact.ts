/** Headers whose values are nobody's business but their owner's. */
export const sensitiveHeaders: readonly string[] = [
  'authorization',
  'cookie',
  'set-cookie',
  'proxy-authorization',
  'x-api-key',
]

export interface Header {
  readonly name: string
  readonly value: string
}

/** What stands for a value that is not told. */
export const redacted = '[redacted]'

/** The headers, the values of those named (in lower case) not told. */
export function redactHeaders(headers: readonly Header[], names: ReadonlySet<string>): Header[] {
  return headers.map(({ name, value }) => ({ name, value: names.has(name.toLowerCase()) ? redacted : value }))
}
