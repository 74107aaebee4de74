/** A page that the navigation leads to. */
export interface Page {
  readonly path: string
  readonly name: string
  /** Whether it shows one namespace only, with `?namespace=` in its address. */
  readonly narrows: boolean
}

/** The pages of the navigation, in their order. */
export const pages: readonly Page[] = [
  { path: '/namespaces', name: 'Overview', narrows: false },
  { path: '/topology', name: 'Topology', narrows: true },
  { path: '/routes', name: 'Routes', narrows: true },
  { path: '/edges', name: 'Edges', narrows: true },
  { path: '/policies', name: 'Policies', narrows: true },
  { path: '/splits', name: 'Splits', narrows: true },
  { path: '/tap', name: 'Tap', narrows: false },
]

/** The page of the navigation that an address is of; `undefined` for none. */
export function pageAt(pathname: string): Page | undefined {
  return pages.find(({ path }) => pathname === path || pathname.startsWith(`${path}/`))
}
