import { shellWord } from '#components/ui/shell-word.ts'
import type { GraphNode } from './graph.ts'

const shortKinds: Readonly<Record<string, string>> = {
  deployment: 'deploy',
  statefulset: 'sts',
  daemonset: 'ds',
  job: 'job',
  cronjob: 'cj',
  replicaset: 'rs',
  replicationcontroller: 'rc',
  pod: 'po',
  service: 'svc',
  namespace: 'ns',
}

type Named = Pick<GraphNode, 'namespace' | 'kind' | 'name'>

/** `deploy/web`, as the command line and the API take it; `null` for what is no resource of the mesh. */
export function resourceWord({ kind, name }: Named): string | null {
  const short = shortKinds[kind]
  return short === undefined ? null : `${short}/${name}`
}

/** The command that prints the edges of the picture. */
export function pictureCommand(groupBy: string, namespace: string | null, timeFlag: string): string {
  const scope = groupBy === 'namespace' ? '' : namespace === null ? ' -A' : ` -n ${shellWord(namespace)}`
  return `meshscope edges ${groupBy === 'namespace' ? 'ns' : 'workload'}${scope}${timeFlag}`
}

/** The command that prints the numbers of a node; of what is no resource the edges it is at. */
export function nodeCommand(node: Named, timeFlag: string): string {
  const resource = resourceWord(node)
  if (resource === null) return pictureCommand('workload', node.namespace || null, timeFlag)
  return `meshscope stat ${resource}${scopeFlag(node)}${timeFlag}`
}

/** The command that prints the numbers of an edge; where an end is no resource, of all edges. */
export function edgeCommand(source: Named, destination: Named, timeFlag: string): string {
  const [from, to] = [resourceWord(source), resourceWord(destination)]
  if (from === null || to === null) return pictureCommand('workload', null, timeFlag)
  const elsewhere =
    destination.kind !== 'namespace' && destination.namespace !== source.namespace
      ? ` --to-namespace ${destination.namespace}`
      : ''
  return `meshscope stat ${from}${scopeFlag(source)} --to ${to}${elsewhere}${timeFlag}`
}

function scopeFlag({ kind, namespace }: Named): string {
  return kind === 'namespace' ? '' : ` -n ${namespace}`
}

/** Where the requests of an edge, or of a node without one, can be watched; `null` for what cannot be tapped. */
export function tapPath(resource: Named, to?: Named): string | null {
  const word = resourceWord(resource)
  if (word === null) return null
  const params = new URLSearchParams({ resource: word })
  if (resource.kind !== 'namespace') params.set('namespace', resource.namespace)
  const target = to === undefined ? null : resourceWord(to)
  if (to !== undefined && target !== null) {
    params.set('to', target)
    if (to.namespace !== '' && to.namespace !== resource.namespace) params.set('toNamespace', to.namespace)
  }
  return `/tap?${params}`
}
