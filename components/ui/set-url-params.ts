/** Sets parameters of the page's address, all at once; `null` removes one. Going back undoes that. */
export function setUrlParams(params: Readonly<Record<string, string | null>>): void {
  const next = new URLSearchParams(window.location.search)
  for (const [name, value] of Object.entries(params)) {
    if (value === null) next.delete(name)
    else next.set(name, value)
  }
  const query = next.size === 0 ? '' : `?${next}`
  if (query === window.location.search) return
  window.history.pushState(null, '', `${window.location.pathname}${query}${window.location.hash}`)
}
