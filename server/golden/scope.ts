import { type LabelSelector, matchesLabels, parseLabelSelector } from '#lib/resources/label-selector.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import { parseResource, type ResourceQuery } from '#lib/resources/parse-resource.ts'
import type { ResourceRef } from '#lib/resources/resource-ref.ts'
import { isWorkloadKind, namespaceNames, type Resource, resourcesOf } from './inventory.ts'
import { QuestionError } from './question-error.ts'

/** Which resources a question is about. `null`: any. */
export interface Scope extends ResourceQuery {
  readonly namespace: string | null
}

/**
 * What `resource` and `namespace` name; `_all` and no namespace mean every one. Throws a QuestionError for a kind or
 * namespace that is not there.
 */
export function readScope(
  state: MeshState,
  param: string,
  resource: string,
  namespace: string | undefined,
): Scope {
  const parsed = parseResource(resource)
  if (!parsed.ok) {
    throw new QuestionError(
      'BAD_PARAMETER',
      `Cannot read ${param}: ${parsed.problem}`,
      `Give a kind or kind/name, e.g. ${param}=deploy/web`,
    )
  }
  const { kind, name } = parsed.value
  const within = readNamespace(state, namespace)
  if (kind === 'mesh' && within !== null) {
    throw new QuestionError(
      'CONFLICTING_PARAMETERS',
      `Cannot narrow the mesh to namespace ${within}`,
      `Ask for ${param}=ns/${within}`,
    )
  }
  if (kind !== 'namespace') return { kind, name, namespace: within }
  if (name !== null) readNamespace(state, name)
  return { kind, name: name ?? within, namespace: null }
}

/** The namespace's name, `null` for all. Throws a QuestionError for one that is not there. */
export function readNamespace(state: MeshState, namespace: string | undefined): string | null {
  if (namespace === undefined || namespace === '_all') return null
  const names = namespaceNames(state)
  if (names.includes(namespace)) return namespace
  throw new QuestionError(
    'UNKNOWN_NAMESPACE',
    `Unknown namespace ${JSON.stringify(namespace)}`,
    names.length > 0 ? `Namespaces are ${names.join(', ')}; _all means every one` : 'The mesh is empty',
  )
}

/** Throws a QuestionError when the scope names a resource that neither runs nor `counted` anything in the range. */
export function requireKnown(state: MeshState, scope: Scope, counted: (scope: Scope) => boolean): void {
  if (scope.name === null || scope.kind === 'mesh' || scope.kind === 'namespace') return
  const all = [...resourcesOf(state, scope.kind).values()].map(({ ref }) => ref)
  if (all.some(ref => inScope(scope, ref)) || counted(scope)) return
  const candidates = all
    .filter(ref => scope.namespace === null || ref.namespace === scope.namespace)
    .map(ref => `${ref.namespace}/${ref.name}`)
    .sort()
  const where = scope.namespace === null ? 'any namespace' : `namespace ${scope.namespace}`
  throw new QuestionError(
    'UNKNOWN_RESOURCE',
    `Unknown ${scope.kind} ${JSON.stringify(scope.name)} in ${where}`,
    candidates.length > 0
      ? `There are ${candidates.slice(0, 20).join(', ')}${candidates.length > 20 ? ', …' : ''}`
      : `There is no ${scope.kind} in ${where}`,
  )
}

/** Whether a resource is one that the question is about. */
export function inScope(scope: Scope, ref: ResourceRef): boolean {
  if (scope.kind === 'mesh') return true
  if (scope.kind === 'workload' ? !isWorkloadKind(ref.kind) : ref.kind !== scope.kind) return false
  return (
    (scope.name === null || ref.name === scope.name) &&
    (scope.namespace === null || ref.namespace === scope.namespace)
  )
}

/** The resources that the question is about, each with the instances that the selector picks; none without any. */
export function resourcesInScope(state: MeshState, scope: Scope, selector: LabelSelector | null): Resource[] {
  const found: Resource[] = []
  for (const resource of resourcesOf(state, scope.kind).values()) {
    if (!inScope(scope, resource.ref)) continue
    if (!selector) {
      found.push(resource)
      continue
    }
    const instances = resource.instances.filter(({ labels }) => matchesLabels(selector, labels))
    if (instances.length > 0) found.push({ ref: resource.ref, instances })
  }
  return found
}

/** The label selector of a question; `null` without one. Throws a QuestionError for one that cannot be read. */
export function readSelector(text: string | undefined): LabelSelector | null {
  if (text === undefined || text.trim() === '') return null
  const parsed = parseLabelSelector(text)
  if (parsed.ok) return parsed.value
  throw new QuestionError(
    'BAD_PARAMETER',
    `Cannot read selector: ${parsed.problem}`,
    'Give a label selector, e.g. selector=app=web,tier!=cache',
  )
}
