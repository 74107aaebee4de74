import { pageAt } from './pages.ts'

/** The namespace that an address is about; `null`: all of them. */
export function namespaceIn(
  pathname: string,
  search: Pick<URLSearchParams, 'get'>,
  params: Readonly<Record<string, string | readonly string[] | undefined>> | null,
): string | null {
  if (typeof params?.namespace === 'string') return params.namespace
  if (pageAt(pathname)?.narrows !== true) return null
  const namespace = search.get('namespace')
  return namespace === '' || namespace === '_all' ? null : namespace
}

/**
 * Where choosing a namespace (`null`: all) leads: pages that narrow stay, without what named things of the namespace
 * before; from every other page to the namespace's own.
 */
export function namespaceTarget(
  pathname: string,
  search: Pick<URLSearchParams, 'toString'>,
  namespace: string | null,
): string {
  const page = pageAt(pathname)
  if (page?.narrows !== true) {
    return namespace === null ? '/namespaces' : `/namespaces/${encodeURIComponent(namespace)}`
  }
  const params = new URLSearchParams(search.toString())
  for (const name of ['resource', 'node', 'edge', 'filter']) params.delete(name)
  if (namespace === null) params.delete('namespace')
  else params.set('namespace', namespace)
  return params.size === 0 ? page.path : `${page.path}?${params}`
}
