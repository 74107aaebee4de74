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
  tellLateRouter(window.location.href, retries)
}

const retries = 100
const retryMs = 20

/**
 * Next's router hears of addresses from a moment after the page can be used: one set before that would never be shown,
 * nor gone back to. It is set again until the router has marked it as its own.
 */
function tellLateRouter(href: string, retriesLeft: number): void {
  const state: unknown = window.history.state
  const isKnown = typeof state === 'object' && state !== null && '__NA' in state
  if (isKnown || retriesLeft === 0 || window.location.href !== href) return
  setTimeout(() => {
    if (window.location.href !== href) return
    window.history.replaceState(null, '', href)
    tellLateRouter(href, retriesLeft - 1)
  }, retryMs)
}
