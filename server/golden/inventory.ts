import { ownerKinds, type ResourceKind, type WorkloadKind } from '#lib/resources/kinds.ts'
import type { Instance, MeshState } from '#lib/resources/mesh-state.ts'
import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'
import { serviceInstances } from '#lib/resources/service-instances.ts'
import { oncePerState } from './once-per-state.ts'

/** One resource of the mesh and the instances behind it. */
export interface Resource {
  readonly ref: ResourceRef
  readonly instances: readonly Instance[]
}

export const meshRef: ResourceRef = { namespace: '', kind: 'mesh', name: 'mesh' }

const workloadKinds: ReadonlySet<string> = new Set<WorkloadKind>([...ownerKinds, 'pod'])

/** Whether a node of this kind owns instances, or is one. */
export function isWorkloadKind(kind: string): kind is WorkloadKind {
  return workloadKinds.has(kind)
}

export function namespaceRef(name: string): ResourceRef {
  return { namespace: '', kind: 'namespace', name }
}

function podRef(instance: Pick<Instance, 'namespace' | 'name'>): ResourceRef {
  return { namespace: instance.namespace, kind: 'pod', name: instance.name }
}

/** Every resource of a kind, idle and unmeshed ones included, by id. */
export const resourcesOf = oncePerState(findResources)

/** Names of all namespaces that exist, or that something lies in; sorted. */
export const namespaceNames = oncePerState(findNamespaceNames)

/** The services, as `namespace/name` in order, that select an instance of each workload (by its id). */
export const servicesByWorkload = oncePerState(findServicesByWorkload)

function findResources(state: MeshState, kind: ResourceKind): ReadonlyMap<string, Resource> {
  switch (kind) {
    case 'mesh':
      return grouped(state.instances, () => meshRef, [meshRef])
    case 'namespace':
      return grouped(
        state.instances,
        instance => namespaceRef(instance.namespace),
        namespaceNames(state).map(namespaceRef),
      )
    case 'service':
      return new Map(selections(state).map(({ ref, instances }) => [resourceId(ref), { ref, instances }]))
    case 'pod':
      return grouped(state.instances, podRef)
    case 'workload':
      return grouped(state.instances, instance => instance.workload)
    default:
      return grouped(
        state.instances.filter(instance => instance.workload.kind === kind),
        instance => instance.workload,
      )
  }
}

function findNamespaceNames(state: MeshState): readonly string[] {
  const names = new Set(state.namespaces.map(({ name }) => name))
  for (const { namespace } of [...state.instances, ...state.services]) names.add(namespace)
  return [...names].sort()
}

/** How many of these instances have a proxy. */
export function meshedOf(instances: readonly Instance[]): { running: number; total: number } {
  return { running: instances.filter(({ meshed }) => meshed).length, total: instances.length }
}

/** Each service and the instances that it selects. */
function selections(state: MeshState): Resource[] {
  const byNamespace = new Map<string, Instance[]>()
  for (const instance of state.instances) {
    const neighbours = byNamespace.get(instance.namespace)
    if (neighbours) neighbours.push(instance)
    else byNamespace.set(instance.namespace, [instance])
  }
  return state.services.map(service => {
    const { namespace, name } = service
    const instances = serviceInstances({ instances: byNamespace.get(namespace) ?? [] }, service)
    return { ref: { namespace, kind: 'service', name }, instances }
  })
}

function findServicesByWorkload(state: MeshState): ReadonlyMap<string, readonly string[]> {
  const byWorkload = new Map<string, Set<string>>()
  for (const { ref, instances } of resourcesOf(state, 'service').values()) {
    for (const { workload } of instances) {
      const names = byWorkload.get(resourceId(workload)) ?? new Set()
      byWorkload.set(resourceId(workload), names.add(`${ref.namespace}/${ref.name}`))
    }
  }
  return new Map([...byWorkload].map(([id, names]) => [id, [...names].sort()]))
}

function grouped(
  instances: readonly Instance[],
  refOf: (instance: Instance) => ResourceRef,
  idle: readonly ResourceRef[] = [],
): Map<string, Resource> {
  const found = new Map<string, { ref: ResourceRef; instances: Instance[] }>()
  for (const ref of idle) found.set(resourceId(ref), { ref, instances: [] })
  for (const instance of instances) {
    const ref = refOf(instance)
    const id = resourceId(ref)
    const group = found.get(id) ?? { ref, instances: [] }
    group.instances.push(instance)
    found.set(id, group)
  }
  return found
}
