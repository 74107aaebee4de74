import type {
  InventoryQuery,
  NamespaceRow,
  NamespacesAnswer,
  ProxiesAnswer,
  ProxyRow,
  ServiceRow,
  ServicesAnswer,
  WorkloadRow,
  WorkloadsAnswer,
} from '#lib/api/inventory.ts'
import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'
import type { TargetState } from '#server/store/targets.ts'
import { compareText, coverageOf } from './coverage.ts'
import type { Ground } from './ground.ts'
import { meshedOf, resourcesOf, servicesByWorkload } from './inventory.ts'
import { profileOf } from './profiles.ts'
import { instant, resolveRange, spanOf } from './range.ts'
import { readNamespace } from './scope.ts'

/** The proxies that are scraped, and how that goes. */
export async function answerProxies(ground: Ground, query: InventoryQuery): Promise<ProxiesAnswer> {
  const { envelope, isInside } = await inventory(ground, query)
  const rows = ground.targets.list().filter(isInside).map(proxyRow)
  return { ...envelope, rows: rows.sort((a, b) => compareText(a.id, b.id)) }
}

/** What runs in the mesh. */
export async function answerWorkloads(ground: Ground, query: InventoryQuery): Promise<WorkloadsAnswer> {
  const { envelope, isInside } = await inventory(ground, query)
  const state = ground.platform.current()
  const services = servicesByWorkload(state)
  const rows: WorkloadRow[] = []
  for (const [id, { ref, instances }] of resourcesOf(state, 'workload')) {
    if (!isInside(ref)) continue
    const identities = instances.flatMap(({ identity }) => (identity ? [identity] : []))
    rows.push({
      id,
      workload: ref,
      meshed: meshedOf(instances),
      identities: [...new Set(identities)].sort(),
      services: [...(services.get(resourceId(ref)) ?? [])],
      pods: instances
        .map(({ name, ip, meshed }) => ({ name, ip, meshed }))
        .sort((a, b) => compareText(a.name, b.name)),
    })
  }
  return { ...envelope, rows: rows.sort((a, b) => compareText(a.id, b.id)) }
}

/** The services of the mesh, selecting something or not. */
export async function answerServices(ground: Ground, query: InventoryQuery): Promise<ServicesAnswer> {
  const { envelope, isInside } = await inventory(ground, query)
  const state = ground.platform.current()
  const selecting = resourcesOf(state, 'service')
  const rows: ServiceRow[] = []
  for (const service of state.services.filter(isInside)) {
    const ref: ResourceRef = { namespace: service.namespace, kind: 'service', name: service.name }
    const instances = selecting.get(resourceId(ref))?.instances ?? []
    const workloads = new Set(instances.map(({ workload }) => resourceId(workload)))
    rows.push({
      id: resourceId(ref),
      service: ref,
      ports: service.ports.map(({ name, port, targetPort }) => ({
        name: name ?? '',
        port,
        targetPort: String(targetPort),
      })),
      workloads: [...workloads].sort(),
      meshed: meshedOf(instances),
      routes: profileOf(state, ref)?.routes.map(({ name }) => name) ?? null,
    })
  }
  return { ...envelope, rows: rows.sort((a, b) => compareText(a.id, b.id)) }
}

/** The namespaces of the mesh, empty ones too. */
export async function answerNamespaces(ground: Ground, query: InventoryQuery): Promise<NamespacesAnswer> {
  const { envelope, isInside } = await inventory(ground, query)
  const state = ground.platform.current()
  const workloads = [...resourcesOf(state, 'workload').values()]
  const rows: NamespaceRow[] = []
  for (const { ref, instances } of resourcesOf(state, 'namespace').values()) {
    const { name: namespace } = ref
    if (!isInside({ namespace })) continue
    rows.push({
      id: `namespace/${namespace}`,
      namespace,
      meshed: meshedOf(instances),
      workloads: workloads.filter(workload => workload.ref.namespace === namespace).length,
      services: state.services.filter(service => service.namespace === namespace).length,
    })
  }
  return { ...envelope, rows: rows.sort((a, b) => compareText(a.id, b.id)) }
}

/** Span and coverage of what is not counted, and what lies in the namespace that is asked for. */
export async function inventory(ground: Ground, query: InventoryQuery) {
  const state = ground.platform.current()
  const namespace = readNamespace(state, query.namespace)
  const isInside = (of: { readonly namespace: string }): boolean =>
    namespace === null || of.namespace === namespace
  const resolved = resolveRange(ground, {})
  const answer = await ground.store.sum({
    by: [],
    where: { view: 'inbound', namespace: '' },
    range: resolved.range,
  })
  const coverage = coverageOf(ground, answer, state.instances.filter(isInside), resolved)
  return { envelope: { span: spanOf(ground, answer), coverage }, isInside }
}

function proxyRow(target: TargetState): ProxyRow {
  return {
    id: `${target.namespace}/${target.pod}`,
    workload: target.workload,
    pod: target.pod,
    metricsUrl: target.metricsUrl,
    state: target.state,
    lastScrapeAt: target.lastScrapeAtMs === null ? null : instant(target.lastScrapeAtMs),
    scrapeMs: target.scrapeMs,
    samples: target.samples,
    error: target.error,
  }
}
