import type { PeerKind, WorkloadKind } from './kinds.ts'

/** Names one thing of the mesh. `namespace` is empty for what lies outside every namespace. */
export interface ResourceRef {
  readonly namespace: string
  readonly kind: PeerKind
  readonly name: string
}

/** Names a workload: an owner of instances, or a pod that has none. */
export interface WorkloadRef extends ResourceRef {
  readonly kind: WorkloadKind
}

/** The id of a resource in answers and graphs: `shop/deployment/web`. Two refs are equal when their ids are. */
export function resourceId(ref: ResourceRef): string {
  return `${ref.namespace}/${ref.kind}/${ref.name}`
}
