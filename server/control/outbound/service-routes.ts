import type { HttpRoute } from '#lib/resources/policy-objects.ts'

/** A port of a service. */
export interface ServicePort {
  readonly namespace: string
  readonly name: string
  readonly port: number
}

/**
 * The routes of a service's port for clients of a namespace, by name: those of the clients' namespace if there are any,
 * else those of the service's.
 */
export function routesOfService<T extends Pick<HttpRoute, 'namespace' | 'name' | 'parentRefs'>>(
  routes: readonly T[],
  service: ServicePort,
  clientNamespace: string,
): readonly T[] {
  const ours = routes.filter(({ parentRefs }) =>
    parentRefs.some(
      ({ group, kind, name, namespace, port }) =>
        group === '' &&
        kind === 'Service' &&
        namespace === service.namespace &&
        name === service.name &&
        (port === null || port === service.port),
    ),
  )
  const of = (namespace: string) => ours.filter(route => route.namespace === namespace)
  const own = of(clientNamespace)
  const chosen = own.length > 0 ? own : of(service.namespace)
  return [...chosen].sort((a, b) => (a.name < b.name ? -1 : 1))
}
