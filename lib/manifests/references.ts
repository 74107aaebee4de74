import type { ObjectRef } from '#lib/resources/policy-objects.ts'
import type { Collected, Found } from './collected.ts'
import type { FieldPath } from './field-path.ts'
import type { MeshSettings } from './mesh-settings.ts'
import { policyGroup } from './policy-fields.ts'

/** Whether an object was written, even one that could not be read whole. */
export type IsWritten = (kind: string, namespace: string, name: string) => boolean

/** Kinds whose objects a mesh file does not hold, so that a reference to one cannot dangle. */
const elsewhere = new Set(['/ServiceAccount', '/Namespace'])

/** A route of whichever kind, as far as it names others. */
interface RouteObject {
  readonly parentRefs: readonly ObjectRef[]
  readonly rules: readonly { readonly backends: readonly ObjectRef[] }[]
}

/** Reports each reference to an object that nobody wrote. A selector that matches nothing is no mistake. */
export function checkReferences(collected: Collected, isWritten: IsWritten, settings: MeshSettings): void {
  const expect = <T>(from: Found<T>, path: FieldPath, ref: ObjectRef): void => {
    if (elsewhere.has(`${ref.group}/${ref.kind}`)) return
    if (isWritten(ref.kind, ref.namespace, ref.name)) return
    from.report(path, `expected a ${ref.kind} that exists, found no ${ref.kind} ${ref.namespace}/${ref.name}`)
  }
  const expectOfRoute = <T extends RouteObject>(route: Found<T>): void => {
    for (const [index, ref] of route.value.parentRefs.entries()) {
      expect(route, ['spec', 'parentRefs', index], ref)
    }
    for (const [ruleIndex, rule] of route.value.rules.entries()) {
      for (const [index, ref] of rule.backends.entries()) {
        expect(route, ['spec', 'rules', ruleIndex, 'backendRefs', index], ref)
      }
    }
  }
  const service = (namespace: string, name: string): ObjectRef => ({
    group: '',
    kind: 'Service',
    namespace,
    name,
  })

  for (const split of collected.splits) {
    const { namespace, backends } = split.value
    expect(split, ['spec', 'service'], service(namespace, split.value.service))
    for (const [index, backend] of backends.entries()) {
      expect(split, ['spec', 'backends', index, 'service'], service(namespace, backend.service))
    }
  }
  for (const profile of collected.profiles) {
    const owner = serviceOfName(profile.value.name, settings.clusterDomain)
    if (owner) expect(profile, ['metadata', 'name'], service(owner.namespace, owner.name))
    else {
      const form = `<service>.<namespace>.svc.${settings.clusterDomain}`
      profile.report(['metadata', 'name'], `expected ${form}, found ${profile.value.name}`)
    }
  }
  for (const authorization of collected.serverAuthorizations) {
    const { server, namespace } = authorization.value
    if (!('name' in server)) continue
    expect(authorization, ['spec', 'server', 'name'], {
      group: policyGroup,
      kind: 'Server',
      namespace,
      name: server.name,
    })
  }
  for (const policy of collected.authorizationPolicies) {
    expect(policy, ['spec', 'targetRef'], policy.value.targetRef)
    for (const [index, ref] of policy.value.requiredAuthenticationRefs.entries()) {
      expect(policy, ['spec', 'requiredAuthenticationRefs', index], ref)
    }
  }
  for (const limit of collected.rateLimits) expect(limit, ['spec', 'targetRef'], limit.value.targetRef)
  for (const route of collected.httpRoutes) expectOfRoute(route)
  for (const route of collected.grpcRoutes) expectOfRoute(route)
}

/** The service that an FQDN of this cluster names; `undefined` for other names. */
function serviceOfName(name: string, clusterDomain: string): { name: string; namespace: string } | undefined {
  const suffix = `.svc.${clusterDomain}`
  if (!name.endsWith(suffix)) return undefined
  const [service, namespace, ...rest] = name.slice(0, -suffix.length).split('.')
  return service && namespace && rest.length === 0 ? { name: service, namespace } : undefined
}
