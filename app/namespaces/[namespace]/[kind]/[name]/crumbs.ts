import type { Crumb } from '#components/shell/breadcrumbs.tsx'
import { resourcePath } from '#components/ui/page-path.ts'
import type { ResourceRef } from '#lib/resources/resource-ref.ts'

/** The way to a resource: the overview, and its namespace. */
export function crumbsOf(namespace: string): Crumb[] {
  return [
    { label: 'Mesh overview', to: '/namespaces' },
    { label: namespace, to: `/namespaces/${encodeURIComponent(namespace)}` },
  ]
}

/** The way to something of a resource, such as a route. */
export function crumbsWithin(resource: ResourceRef): Crumb[] {
  const to = resourcePath(resource)
  return to === null
    ? crumbsOf(resource.namespace)
    : [...crumbsOf(resource.namespace), { label: resource.name, to }]
}
