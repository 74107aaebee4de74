/** A page that the navigation leads to. */
export interface Page {
  readonly path: string
  readonly name: string
  /** Whether it shows one namespace only, with `?namespace=` in its address. */
  readonly narrows: boolean
  /** The key that leads there after `g`. */
  readonly key: string
}

/** The pages of the navigation, in their order. */
export const pages: readonly Page[] = [
  { path: '/namespaces', name: 'Overview', narrows: false, key: 'o' },
  { path: '/topology', name: 'Topology', narrows: true, key: 't' },
  { path: '/routes', name: 'Routes', narrows: true, key: 'r' },
  { path: '/edges', name: 'Edges', narrows: true, key: 'e' },
  { path: '/policies', name: 'Policies', narrows: true, key: 'p' },
  { path: '/splits', name: 'Splits', narrows: true, key: 's' },
  { path: '/tap', name: 'Tap', narrows: false, key: 'a' },
  { path: '/checks', name: 'Checks', narrows: false, key: 'c' },
]

/** The page that a key leads to after `g`; `undefined` for none. */
export function pageOfKey(key: string): Page | undefined {
  return pages.find(page => page.key === key.toLowerCase())
}

/** The page of the navigation that an address is of; `undefined` for none. */
export function pageAt(pathname: string): Page | undefined {
  return pages.find(({ path }) => pathname === path || pathname.startsWith(`${path}/`))
}
