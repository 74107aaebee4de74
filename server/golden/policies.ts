import type { PoliciesAnswer, PoliciesQuery, PolicyRow } from '#lib/api/policies.ts'
import type { Instance, MeshState } from '#lib/resources/mesh-state.ts'
import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'
import type { Answer, Dimension, Row, View } from '#server/store/store.ts'
import { Callers } from './callers.ts'
import { compareText, coverageOf, heardPods, podKey } from './coverage.ts'
import type { Ground } from './ground.ts'
import { resourceAt } from './grouping.ts'
import { type PolicyPort, policyPorts, portId } from './policy-ports.ts'
import { objectOf, PolicyTally } from './policy-tally.ts'
import { writtenPolicy } from './policy-written.ts'
import { noteOf, resolveRange, spanOf } from './range.ts'
import { inScope, readScope, requireKnown, resourcesInScope, type Scope } from './scope.ts'
import { goldenOf, tcpOf } from './sums.ts'

const ports: readonly Dimension[] = ['namespace', 'kind', 'name', 'pod', 'server', 'port']
const allowedBy: readonly Dimension[] = [...ports, 'authorization', 'route']
const refusedBy: readonly Dimension[] = [...ports, 'route', 'peerId', 'tls']

/** Every port of the resources asked for: who may use it, who did, and who was refused. */
export async function answerPolicies(ground: Ground, query: PoliciesQuery): Promise<PoliciesAnswer> {
  const state = ground.platform.current()
  const scope = readScope(state, 'resource', query.resource ?? 'workload', query.namespace)
  requireKnown(state, scope, () => false)
  const resolved = resolveRange(ground, query)
  const { range } = resolved
  const namespace = scope.namespace === null ? {} : { namespace: scope.namespace }
  const ask = (view: View, by: readonly Dimension[]) =>
    ground.store.sum({ by, where: { view, ...namespace }, range })
  const [allowed, denied, limited] = await Promise.all([
    ask('inbound', allowedBy),
    ask('denied', refusedBy),
    ask('limited', refusedBy),
  ])
  const instances = resourcesInScope(state, scope, null).flatMap(one => one.instances)
  const known = policyPorts(
    state,
    instances,
    server => scope.name === null && (scope.namespace === null || scope.namespace === server.namespace),
  )
  const tallies = tally(state, scope, known, { allowed, denied, limited })
  const heard = heardPods(allowed)
  return {
    span: spanOf(ground, allowed),
    coverage: coverageOf(ground, allowed, instances, resolved),
    ...noteOf(resolved.note),
    rows: [...tallies]
      .map(([port, counted]) => rowOf(state, port, counted, heard))
      .sort((a, b) => compareText(a.id, b.id)),
  }
}

function tally(
  state: MeshState,
  scope: Scope,
  known: Map<string, PolicyPort>,
  answers: { readonly allowed: Answer; readonly denied: Answer; readonly limited: Answer },
): ReadonlyMap<PolicyPort, PolicyTally> {
  const callers = new Callers(state, 'workload')
  const coveredMs = new Map(answers.allowed.coverage.map(one => [podKey(one), one.coveredMs]))
  const tallies = new Map([...known.values()].map(port => [port, new PolicyTally(callers)]))
  const each = (
    by: readonly Dimension[],
    rows: readonly Row[],
    add: (to: PolicyTally, label: Label, row: Row) => void,
  ) => {
    for (const row of rows) {
      const label: Label = dimension => row.key[by.indexOf(dimension)] ?? ''
      const ref = {
        namespace: label('namespace'),
        kind: label('kind') as ResourceRef['kind'],
        name: label('name'),
      }
      const at = resourceAt({ ref, pod: label('pod') }, scope.kind)
      if (at === null || !inScope(scope, at) || label('server') === '') continue
      const port = portOf(known, label)
      const to = tallies.get(port) ?? new PolicyTally(callers)
      tallies.set(port, to)
      add(to, label, row)
    }
  }
  each(allowedBy, answers.allowed.rows, (to, label, { sums }) =>
    to.allow(label('authorization'), label('route'), sums),
  )
  for (const { rows } of [answers.denied, answers.limited]) {
    each(refusedBy, rows, (to, label, { sums }) => {
      const pod = podKey({ namespace: label('namespace'), pod: label('pod') })
      to.refuse(
        { client: label('peerId'), tls: label('tls'), route: label('route') },
        sums,
        coveredMs.get(pod) ?? 0,
      )
    })
  }
  return tallies
}

type Label = (dimension: Dimension) => string

/** The port that a row is about. A default policy whose name nobody had told is called so from now on. */
function portOf(known: Map<string, PolicyPort>, label: Label): PolicyPort {
  const [namespace, object, port] = [label('namespace'), label('server'), label('port')]
  const id = portId(namespace, object, port)
  const found = known.get(id)
  if (found !== undefined) return found
  const unnamed = object.startsWith('default/') ? known.get(portId(namespace, 'default/', port)) : undefined
  if (unnamed !== undefined) {
    unnamed.object = object
    known.set(id, unnamed)
    return unnamed
  }
  const gone = { id, namespace, object, port, server: null, instances: [] }
  known.set(id, gone)
  return gone
}

function rowOf(
  state: MeshState,
  port: PolicyPort,
  counted: PolicyTally,
  heard: ReadonlySet<string>,
): PolicyRow {
  const isHeard =
    port.instances.length === 0 ||
    port.instances.some(({ name, namespace }) => heard.has(podKey({ namespace, pod: name })))
  const { authorizations, protocol, rateLimit, routes } = writtenPolicy(state, port)
  return {
    id: port.id,
    namespace: port.namespace,
    server: objectOf(port.object),
    port: port.port,
    protocol,
    workloads: workloadsOf(port.instances),
    pods: {
      meshed: port.instances.filter(({ meshed }) => meshed).length,
      total: port.instances.length,
    },
    routes,
    rateLimit,
    waysIn: counted.waysIn(authorizations, isHeard),
    allowed: goldenOf(counted.allowed, isHeard),
    tcp: tcpOf(counted.allowed, isHeard),
    ...counted.refusals(isHeard),
    refused: counted.refusedSources(),
  }
}

function workloadsOf(instances: readonly Instance[]): ResourceRef[] {
  const byId = new Map(instances.map(({ workload }) => [resourceId(workload), workload]))
  return [...byId].sort(([a], [b]) => compareText(a, b)).map(([, workload]) => workload)
}
