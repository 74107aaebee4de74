/** HTTP/2 error codes by number (RFC 9113, 7). */
const NAMES: readonly string[] = [
  'NO_ERROR',
  'PROTOCOL_ERROR',
  'INTERNAL_ERROR',
  'FLOW_CONTROL_ERROR',
  'SETTINGS_TIMEOUT',
  'STREAM_CLOSED',
  'FRAME_SIZE_ERROR',
  'REFUSED_STREAM',
  'CANCEL',
  'COMPRESSION_ERROR',
  'CONNECT_ERROR',
  'ENHANCE_YOUR_CALM',
  'INADEQUATE_SECURITY',
  'HTTP_1_1_REQUIRED',
]

export const RESET_INTERNAL = 2
export const RESET_REFUSED = 7
export const RESET_CANCEL = 8

/** The `error` label of a stream that was reset: `h2(CANCEL)`. */
export function resetLabel(code: number): string {
  return `h2(${NAMES[code] ?? code})`
}

/** The code that such a label names; `null` for a label of another cause. */
export function resetCodeOf(label: string): number | null {
  if (!label.startsWith('h2(')) return null
  const name = label.slice(3, -1)
  const code = NAMES.indexOf(name)
  return code < 0 ? Number(name) : code
}
