/** Which namespaces stay open although there is much to show: those named, or all. */
export type Unfolded = ReadonlySet<string> | 'all'

/** What a text such as `shop,payments` says; `_all` is all, and nothing or an empty text none. */
export function readUnfolded(text: string | null | undefined): Unfolded {
  if (text === '_all') return 'all'
  return new Set((text ?? '').split(',').filter(name => name !== ''))
}

/** The text that `readUnfolded()` reads, the same for equal sets; empty for none. */
export function unfoldedText(unfolded: Unfolded): string {
  return unfolded === 'all' ? '_all' : [...unfolded].sort().join(',')
}
