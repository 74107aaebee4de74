/**
 * Sets parameters of the page's address, all at once; `null` removes one. Going back undoes that, unless it replaces
 * the address, as typing does.
 */
export function setUrlParams(
  params: Readonly<Record<string, string | null>>,
  way: 'push' | 'replace' = 'push',
): void {
  const next = new URLSearchParams(window.location.search)
  for (const [name, value] of Object.entries(params)) {
    if (value === null) next.delete(name)
    else next.set(name, value)
  }
  const query = next.size === 0 ? '' : `?${next}`
  if (query === window.location.search) return
  const address = `${window.location.pathname}${query}${window.location.hash}`
  if (way === 'push') window.history.pushState(null, '', address)
  else window.history.replaceState(null, '', address)
}
