/** Kinds that can own instances, in the order in which they are listed. */
export const ownerKinds = [
  'deployment',
  'statefulset',
  'daemonset',
  'job',
  'cronjob',
  'replicaset',
  'replicationcontroller',
] as const
export type OwnerKind = (typeof ownerKinds)[number]

/** What a workload can be: an owner of instances, or a pod without one. */
export type WorkloadKind = OwnerKind | 'pod'

/**
 * What a question can be about. `workload` stands for every owner kind and for pods without an owner;
 * `mesh` is the one row that sums everything.
 */
export type ResourceKind = OwnerKind | 'pod' | 'service' | 'namespace' | 'workload' | 'mesh'

/** What a node of the topology can be besides a resource. */
export type PeerKind = ResourceKind | 'serviceaccount' | 'unmeshed' | 'external'

/** Which Prometheus label names an owner of this kind; `job` is taken there, so jobs use `k8s_job`. */
export function ownerLabel(kind: WorkloadKind): string {
  return kind === 'job' ? 'k8s_job' : kind
}

const aliases: Record<string, ResourceKind> = {}
for (const [kind, names] of Object.entries({
  deployment: ['deployment', 'deployments', 'deploy'],
  statefulset: ['statefulset', 'statefulsets', 'sts'],
  daemonset: ['daemonset', 'daemonsets', 'ds'],
  job: ['job', 'jobs'],
  cronjob: ['cronjob', 'cronjobs', 'cj'],
  replicaset: ['replicaset', 'replicasets', 'rs'],
  replicationcontroller: ['replicationcontroller', 'replicationcontrollers', 'rc'],
  pod: ['pod', 'pods', 'po'],
  service: ['service', 'services', 'svc'],
  namespace: ['namespace', 'namespaces', 'ns'],
  workload: ['workload', 'workloads'],
  mesh: ['mesh'],
} satisfies Record<ResourceKind, string[]>)) {
  for (const name of names) aliases[name] = kind as ResourceKind
}

/** The kind that a full, plural or short name stands for; `undefined` for a name no kind has. */
export function parseKind(name: string): ResourceKind | undefined {
  return Object.hasOwn(aliases, name.toLowerCase()) ? aliases[name.toLowerCase()] : undefined
}

const shortNames: Readonly<Record<string, string>> = {
  deployment: 'deploy',
  statefulset: 'sts',
  daemonset: 'ds',
  cronjob: 'cj',
  replicaset: 'rs',
  replicationcontroller: 'rc',
  pod: 'po',
  service: 'svc',
  namespace: 'ns',
}

/** The short name of a kind, as it stands before a name: `deploy` in `deploy/web`. A kind without one is its own. */
export function shortKind(kind: string): string {
  return shortNames[kind] ?? kind
}
