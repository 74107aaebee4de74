import type { Span } from '#lib/api/common.ts'

/** `address` over exactly the span of an answer, in the place of the time it names. All else stays. */
export function linkToSpan(address: string, { start, end }: Span): string {
  const url = new URL(address)
  url.searchParams.delete('window')
  url.searchParams.set('start', start)
  url.searchParams.set('end', end)
  return url.toString()
}
