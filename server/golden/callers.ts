import { parseIdentityName } from '#lib/resources/identity-name.ts'
import type { Instance, MeshState } from '#lib/resources/mesh-state.ts'
import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'

/** One end of an edge: a workload, or what stands for one. `pod` is empty unless pods are told apart. */
export interface Endpoint {
  readonly ref: ResourceRef
  readonly pod: string
}

export type Grain = 'workload' | 'pod'

/** Where callers from addresses that belong to nobody are gathered. */
const unmeshedRef: ResourceRef = { namespace: '', kind: 'unmeshed', name: 'unmeshed' }

/** Who is behind an identity or an address, as far as the platform knows. */
export class Callers {
  readonly #grain: Grain
  readonly #byIdentity = new Map<string, Map<string, Endpoint>>()
  readonly #byIp = new Map<string, Endpoint>()
  readonly #identities = new Map<string, Set<string>>()

  constructor(state: MeshState, grain: Grain) {
    this.#grain = grain
    for (const instance of state.instances) {
      const endpoint = this.#endpointOf(instance)
      const id = endpointId(endpoint)
      if (instance.ip !== '') this.#byIp.set(instance.ip, endpoint)
      if (!instance.identity) continue
      const sharing = this.#byIdentity.get(instance.identity) ?? new Map<string, Endpoint>()
      this.#byIdentity.set(instance.identity, sharing.set(id, endpoint))
      this.#identities.set(id, (this.#identities.get(id) ?? new Set()).add(instance.identity))
    }
  }

  /** Identities that certificates of this endpoint may carry; empty when the platform does not know it. */
  identitiesOf(endpoint: Endpoint): ReadonlySet<string> {
    return this.#identities.get(endpointId(endpoint)) ?? new Set()
  }

  /** The workloads, or pods, that share an identity. */
  sharing(identity: string): readonly Endpoint[] {
    return [...(this.#byIdentity.get(identity)?.values() ?? [])]
  }

  /** The workload at an address, else the node for unmeshed callers. */
  atAddress(ip: string): Endpoint {
    return this.#byIp.get(ip) ?? { ref: unmeshedRef, pod: '' }
  }

  /**
   * The one that has an identity: the only endpoint with it, or the only one of several that `isCaller`; else a node
   * for the service account.
   */
  withIdentity(identity: string, isCaller: (endpoint: Endpoint) => boolean): Endpoint {
    const sharing = this.sharing(identity)
    const narrowed = sharing.length > 1 ? sharing.filter(isCaller) : sharing
    const [only, second] = narrowed
    if (only && !second) return only
    const parts = parseIdentityName(identity)
    const ref: ResourceRef = {
      namespace: parts?.namespace ?? '',
      kind: 'serviceaccount',
      name: parts?.serviceAccount ?? identity,
    }
    return { ref, pod: '' }
  }

  #endpointOf({ workload, name }: Instance): Endpoint {
    return { ref: workload, pod: this.#grain === 'pod' ? name : '' }
  }
}

/** Equal for equal endpoints. */
export function endpointId({ ref, pod }: Endpoint): string {
  return pod === '' ? resourceId(ref) : `${resourceId(ref)}/${pod}`
}
