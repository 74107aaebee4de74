import type { ResourceKind } from '#lib/resources/kinds.ts'
import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'
import type { Endpoint } from './callers.ts'
import { isWorkloadKind, meshRef, namespaceRef } from './inventory.ts'
import type { Link } from './link.ts'

/** The resource of a kind that an endpoint is, or lies in; `null` when there is none. */
export function resourceAt(endpoint: Pick<Endpoint, 'ref' | 'pod'>, kind: ResourceKind): ResourceRef | null {
  const { ref, pod } = endpoint
  switch (kind) {
    case 'mesh':
      return isWorkloadKind(ref.kind) ? meshRef : null
    case 'namespace':
      return ref.namespace === '' ? null : namespaceRef(ref.namespace)
    case 'pod':
      if (ref.kind === 'pod') return ref
      return pod === '' ? null : { namespace: ref.namespace, kind: 'pod', name: pod }
    case 'workload':
      return isWorkloadKind(ref.kind) ? ref : null
    default:
      return ref.kind === kind ? ref : null
  }
}

/** As `resourceAt`; a destination is also the service by which it was reached. */
export function destinationAt(link: Link, kind: ResourceKind): ResourceRef | null {
  return kind === 'service' ? serviceRef(link.service) : resourceAt(link.destination, kind)
}

/** The service of `namespace/name`; `null` for empty text. */
export function serviceRef(text: string): ResourceRef | null {
  const slash = text.indexOf('/')
  if (slash === -1) return null
  return { namespace: text.slice(0, slash), kind: 'service', name: text.slice(slash + 1) }
}

/** A source drawn as the first service in front of it, else as itself. */
export function sourceService(
  endpoint: Endpoint,
  services: ReadonlyMap<string, readonly string[]>,
): ResourceRef {
  return serviceRef(services.get(resourceId(endpoint.ref))?.[0] ?? '') ?? endpoint.ref
}
