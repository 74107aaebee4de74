import type { MeshState } from '#lib/resources/mesh-state.ts'
import type { ResourceRef } from '#lib/resources/resource-ref.ts'
import type { ServiceProfile } from '#lib/resources/service-profile.ts'

/** How answers call the requests that match no route of a profile. */
export const defaultRoute = '[DEFAULT]'

/** The service's own profile, else one that a client's namespace holds for it. */
export function profileOf(state: MeshState, { namespace, name }: ResourceRef): ServiceProfile | undefined {
  const fqdn = `${name}.${namespace}.svc.${state.clusterDomain}`
  const all = state.profiles.filter(profile => profile.name === fqdn)
  return all.find(profile => profile.namespace === namespace) ?? all[0]
}

/** The service that an authority (`users.shop.svc.cluster.local:80`) names; `null` for any other host. */
export function serviceNamed(authority: string, clusterDomain: string): ResourceRef | null {
  const host = authority.replace(/:\d+$/, '')
  const suffix = `.svc.${clusterDomain}`
  if (!host.endsWith(suffix)) return null
  const [name, namespace, more] = host.slice(0, -suffix.length).split('.')
  return name && namespace && more === undefined ? { namespace, kind: 'service', name } : null
}
