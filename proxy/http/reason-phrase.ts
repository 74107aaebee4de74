import { STATUS_CODES } from 'node:http'

/** The usual phrase of a status; empty for one that has none. */
export function reasonPhrase(status: number): string {
  return STATUS_CODES[status] ?? ''
}
