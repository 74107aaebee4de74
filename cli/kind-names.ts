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

/** Whether things of a kind lie in a namespace, so that one has to be asked for. */
export function isNamespaced(kind: string): boolean {
  return kind !== 'namespace' && kind !== 'mesh'
}
