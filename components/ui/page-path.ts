import type { PeerKind } from '#lib/resources/kinds.ts'

/** How the address of a page spells a kind; kinds without an entry have no page. */
const segments: Partial<Record<PeerKind, string>> = {
  deployment: 'deployments',
  statefulset: 'statefulsets',
  daemonset: 'daemonsets',
  job: 'jobs',
  cronjob: 'cronjobs',
  replicaset: 'replicasets',
  replicationcontroller: 'replicationcontrollers',
  pod: 'pods',
  service: 'services',
}

/** The kind that a segment of an address stands for; `undefined` for any other text. */
export function kindOfSegment(segment: string): PeerKind | undefined {
  return (Object.keys(segments) as PeerKind[]).find(kind => segments[kind] === segment)
}

/** The address of a resource's page (`/namespaces/shop/deployments/web`), as answers name it; `null` for what has none. */
export function resourcePath(resource: {
  readonly namespace: string
  readonly kind: string
  readonly name: string
}): string | null {
  const { namespace, kind, name } = resource
  if (kind === 'namespace') return `/namespaces/${encodeURIComponent(name)}`
  const segment = isPeerKind(kind) ? segments[kind] : undefined
  if (segment === undefined) return null
  return `/namespaces/${encodeURIComponent(namespace)}/${segment}/${encodeURIComponent(name)}`
}

function isPeerKind(kind: string): kind is PeerKind {
  return Object.hasOwn(segments, kind)
}

/** The address of a route's page. The name is in the query, for gateways decode `%2F` in paths. */
export function routePath(
  service: { readonly namespace: string; readonly name: string },
  route: string,
): string {
  const page = resourcePath({ ...service, kind: 'service' })
  return `${page}/route?${new URLSearchParams({ name: route })}`
}

const carried = ['window', 'start', 'end'] as const

/** `path` with the time of the page one comes from; other parameters stay behind. */
export function withTimeOf(path: string, search: URLSearchParams): string {
  const [bare = path, query = ''] = path.split('?')
  const params = new URLSearchParams(query)
  for (const name of carried) {
    const value = search.get(name)
    if (value !== null && !params.has(name)) params.set(name, value)
  }
  return params.size === 0 ? bare : `${bare}?${params}`
}
