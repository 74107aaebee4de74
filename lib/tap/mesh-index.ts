import { ownerKinds, ownerLabel } from '#lib/resources/kinds.ts'
import type { Instance, MeshState } from '#lib/resources/mesh-state.ts'
import type { WorkloadRef } from '#lib/resources/resource-ref.ts'

/** Finds instances of one state of the mesh by what proxies call them. */
export class MeshIndex {
  readonly state: MeshState
  readonly #byIp = new Map<string, Instance>()
  readonly #byPod = new Map<string, Instance>()
  /** The one workload of each identity; `null` when several share it. */
  readonly #byIdentity = new Map<string, WorkloadRef | null>()

  constructor(state: MeshState) {
    this.state = state
    for (const instance of state.instances) {
      if (instance.ip !== '') this.#byIp.set(instance.ip, instance)
      this.#byPod.set(podOf(instance), instance)
      if (instance.identity === null) continue
      const known = this.#byIdentity.get(instance.identity)
      const { workload } = instance
      const isSame = known === undefined || (known?.kind === workload.kind && known.name === workload.name)
      this.#byIdentity.set(instance.identity, isSame ? workload : null)
    }
  }

  atIp(ip: string): Instance | undefined {
    return this.#byIp.get(ip)
  }

  ofPod(pod: string): Instance | undefined {
    return this.#byPod.get(pod)
  }

  /** The workload that proves this identity; `null` when none does, or several do. */
  ofIdentity(identity: string): WorkloadRef | null {
    return this.#byIdentity.get(identity) ?? null
  }

  /** The instance that discovery's labels of an endpoint name. */
  ofLabels(labels: Readonly<Record<string, string>>): Instance | undefined {
    const { namespace = '', pod } = labels
    return pod === undefined ? undefined : this.#byPod.get(`${namespace}/${pod}`)
  }
}

/** The workload that discovery's labels of an endpoint name; `null` when they name none. */
export function workloadOfLabels(labels: Readonly<Record<string, string>>): WorkloadRef | null {
  const { namespace = '', pod } = labels
  for (const kind of ownerKinds) {
    const name = labels[ownerLabel(kind)]
    if (name !== undefined) return { namespace, kind, name }
  }
  return pod === undefined ? null : { namespace, kind: 'pod', name: pod }
}

/** What an instance goes by: `namespace/name`. */
export function podOf(instance: Pick<Instance, 'namespace' | 'name'>): string {
  return `${instance.namespace}/${instance.name}`
}
