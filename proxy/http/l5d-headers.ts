import { type HeaderBlock, Known } from './header-block.ts'

/** Removes every `l5d-` header but those named, so that what follows can only be of this proxy's making. */
export function stripL5dHeaders(headers: HeaderBlock, ...kept: readonly string[]): void {
  for (let i = 0; i < headers.count; i++) {
    if (headers.known[i] === Known.l5d && !kept.some(name => headers.isNamed(i, name))) headers.remove(i)
  }
}
