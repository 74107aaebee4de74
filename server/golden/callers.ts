import { parseIdentityName } from '#lib/resources/identity-name.ts'
import type { Instance, MeshState } from '#lib/resources/mesh-state.ts'
import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'
import { oncePerState } from './once-per-state.ts'

/** One end of an edge: a workload, or what stands for one. `pod` is empty unless pods are told apart. */
export interface Endpoint {
  readonly ref: ResourceRef
  readonly pod: string
  /** Equal for equal endpoints; without a pod, the resource's. */
  readonly id: string
}

/** The endpoint of a resource, or of one pod of it. */
export function endpointOf(ref: ResourceRef, pod = ''): Endpoint {
  return { ref, pod, id: pod === '' ? resourceId(ref) : `${resourceId(ref)}/${pod}` }
}

export type Grain = 'workload' | 'pod'

/** Where callers from addresses that belong to nobody are gathered. */
const unmeshed = endpointOf({ namespace: '', kind: 'unmeshed', name: 'unmeshed' })
const none: ReadonlySet<string> = new Set()

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
      const { id } = endpoint
      if (instance.ip !== '') this.#byIp.set(instance.ip, endpoint)
      if (!instance.identity) continue
      const sharing = this.#byIdentity.get(instance.identity) ?? new Map<string, Endpoint>()
      this.#byIdentity.set(instance.identity, sharing.set(id, endpoint))
      this.#identities.set(id, (this.#identities.get(id) ?? new Set()).add(instance.identity))
    }
  }

  /** Identities that certificates of this endpoint may carry; empty when the platform does not know it. */
  identitiesOf(endpoint: Pick<Endpoint, 'id'>): ReadonlySet<string> {
    return this.#identities.get(endpoint.id) ?? none
  }

  /** The workloads, or pods, that share an identity. */
  sharing(identity: string): readonly Endpoint[] {
    return [...(this.#byIdentity.get(identity)?.values() ?? [])]
  }

  /** The workload at an address, else the node for unmeshed callers. */
  atAddress(ip: string): Endpoint {
    return this.#byIp.get(ip) ?? unmeshed
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
    return endpointOf(ref)
  }

  /** The one that has an identity whoever calls; `null` when that depends on which of several does. */
  onlyOne(identity: string): Endpoint | null {
    return (this.#byIdentity.get(identity)?.size ?? 0) > 1 ? null : this.withIdentity(identity, () => false)
  }

  #endpointOf({ workload, name }: Instance): Endpoint {
    return endpointOf(workload, this.#grain === 'pod' ? name : '')
  }
}

/** What is known of callers in a state: found once, for a state never changes. */
export const callersOf = oncePerState((state, grain: Grain) => new Callers(state, grain))
