import type { TapFilter } from '#lib/api/tap.ts'
import type { Instance, MeshState } from '#lib/resources/mesh-state.ts'
import type { ResourceRef } from '#lib/resources/resource-ref.ts'
import { podOf } from '#lib/tap/mesh-index.ts'
import type { Conditions } from '#lib/tap/observe-match.ts'
import { QuestionError } from '#server/golden/question-error.ts'
import { readScope, readSelector, requireKnown, resourcesInScope } from '#server/golden/scope.ts'

/** What a filter means in one state of the mesh. */
export interface TapScope {
  /** Each once; those without a proxy, too. */
  readonly instances: readonly Instance[]
  readonly conditions: Conditions
  /** The pods that `to` stands for, as `namespace/name`; `null` without one. */
  readonly toPods: ReadonlySet<string> | null
}

export const defaultMaxRps = 100
const maxMaxRps = 5_000
const maxTextLength = 2_048

/** Throws a QuestionError for a filter that cannot be read, or names what is not there. */
export function tapScope(filter: TapFilter, state: MeshState): TapScope {
  checkFilter(filter)
  const scope = readScope(state, 'resource', filter.resource, filter.namespace)
  requireKnown(state, scope, () => false)
  const resources = resourcesInScope(state, scope, readSelector(filter.selector))
  const instances = new Map(
    resources.flatMap(resource => resource.instances).map(instance => [podOf(instance), instance]),
  )
  const { refs, pods } = readTo(filter, state)
  const { path, authority, scheme } = filter
  const method = filter.method?.toUpperCase()
  return {
    instances: [...instances.values()],
    conditions: { method, path, authority, scheme, to: refs },
    toPods: pods,
  }
}

function readTo(
  { to, toNamespace, namespace }: TapFilter,
  state: MeshState,
): { readonly refs: readonly ResourceRef[] | undefined; readonly pods: ReadonlySet<string> | null } {
  if (to === undefined) {
    if (toNamespace === undefined) return { refs: undefined, pods: null }
    throw new QuestionError(
      'CONFLICTING_PARAMETERS',
      'Cannot use toNamespace alone',
      'Give to, e.g. svc/web, with it',
    )
  }
  const scope = readScope(state, 'to', to, toNamespace ?? namespace)
  requireKnown(state, scope, () => false)
  const resources = resourcesInScope(state, scope, null)
  return {
    refs: resources.map(({ ref }) => ref),
    pods: new Set(resources.flatMap(({ instances }) => instances).map(podOf)),
  }
}

function checkFilter({ maxRps = defaultMaxRps, method, path, authority }: TapFilter): void {
  const refuse = (what: string, expected: string, found: unknown): never => {
    throw new QuestionError(
      'BAD_PARAMETER',
      `Cannot read ${what}: expected ${expected}, found ${JSON.stringify(found)}`,
      'Change the filter',
    )
  }
  if (maxRps < 1 || maxRps > maxMaxRps) refuse('maxRps', `1 to ${maxMaxRps} requests per second`, maxRps)
  if (method !== undefined && !/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,64}$/.test(method)) {
    refuse('method', 'a method, e.g. GET', method)
  }
  if (path !== undefined && (!path.startsWith('/') || path.length > maxTextLength)) {
    refuse('path', 'the beginning of a path, from its /', path)
  }
  if (authority !== undefined && (authority === '' || authority.length > maxTextLength)) {
    refuse('authority', 'an authority, e.g. web.shop:8080', authority)
  }
}
