import type { ServiceRow, WorkloadRow } from '#lib/api/inventory.ts'

const shortKinds: Readonly<Record<string, string>> = {
  deployment: 'deploy',
  statefulset: 'sts',
  daemonset: 'ds',
  cronjob: 'cj',
  replicaset: 'rs',
  replicationcontroller: 'rc',
  pod: 'po',
}

/** What can be tapped in a namespace, as a form and a terminal name it: meshed workloads and the namespace itself. */
export function tapResources(workloads: readonly WorkloadRow[], namespace: string): readonly string[] {
  const named = workloads.filter(row => inside(row.workload, namespace) && row.meshed.running > 0)
  return [...(namespace === '' ? [] : [`ns/${namespace}`]), ...named.map(nameOf)]
}

/** What can be called in a namespace: services, and workloads. */
export function tapTargets(
  workloads: readonly WorkloadRow[],
  services: readonly ServiceRow[],
  namespace: string,
): readonly string[] {
  return [
    ...services.filter(row => inside(row.service, namespace)).map(row => `svc/${row.service.name}`),
    ...workloads.filter(row => inside(row.workload, namespace)).map(nameOf),
  ]
}

function inside(of: { readonly namespace: string }, namespace: string): boolean {
  return namespace === '' || of.namespace === namespace
}

function nameOf({ workload: { kind, name } }: WorkloadRow): string {
  return `${shortKinds[kind] ?? kind}/${name}`
}
