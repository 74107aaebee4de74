import { type HeaderBlock, Known } from './header-block.ts'

/** Gives a request without an `x-request-id` one. */
export function ensureRequestId(headers: HeaderBlock, newId: () => string): void {
  if (headers.find(Known.requestId) < 0) headers.add('x-request-id', newId())
}
