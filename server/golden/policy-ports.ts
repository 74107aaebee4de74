import { selectedServer } from '#lib/policy/selected-server.ts'
import { matchesLabels } from '#lib/resources/match-labels.ts'
import type { Instance, MeshState } from '#lib/resources/mesh-state.ts'
import type { Server } from '#lib/resources/policy-objects.ts'

/** A port of some instances that one Server, or one default policy, is about. */
export interface PolicyPort {
  readonly id: string
  readonly namespace: string
  /** `server/web-http`; `default/` and a name, which is empty until a proxy told it. */
  object: string
  readonly port: string
  /** `null` for a default policy, and for a Server that is not there any more. */
  readonly server: Server | null
  readonly instances: readonly Instance[]
}

const annotation = 'config.linkerd.io/default-inbound-policy'

/**
 * The ports of these instances: those that Servers describe, and those that containers name without one. With
 * `withIdle`, Servers that describe none of them, too.
 */
export function policyPorts(
  state: MeshState,
  instances: readonly Instance[],
  withIdle: (server: Server) => boolean,
): Map<string, PolicyPort> {
  const { servers } = state.policies
  const ports = new Map<string, PolicyPort & { readonly instances: Instance[] }>()
  const add = (
    namespace: string,
    object: string,
    port: string,
    server: Server | null,
    of: Instance | null,
  ) => {
    const id = portId(namespace, object, port)
    const known = ports.get(id) ?? { id, namespace, object, port, server, instances: [] }
    ports.set(id, known)
    if (of !== null) known.instances.push(of)
  }
  for (const instance of instances) {
    for (const port of new Set([...portsOf(instance), ...numbersOf(servers, instance)])) {
      const server = selectedServer(servers, instance, port)
      if (server === undefined)
        add(instance.namespace, `default/${saidOf(state, instance)}`, String(port), null, instance)
      else add(instance.namespace, `server/${server.name}`, String(port), server, instance)
    }
  }
  for (const server of servers) {
    const isSeen = [...ports.values()].some(one => one.server === server)
    if (!isSeen && withIdle(server))
      add(server.namespace, `server/${server.name}`, String(server.port), server, null)
  }
  return ports
}

export function portId(namespace: string, object: string, port: string): string {
  return `${namespace}/${object}:${port}`
}

function portsOf({ ports }: Instance): readonly number[] {
  return ports.map(({ port }) => port)
}

/** Ports that Servers describe by number need not be named by a container. */
function numbersOf(servers: readonly Server[], { labels, namespace }: Instance): readonly number[] {
  return servers.flatMap(server =>
    typeof server.port === 'number' &&
    server.namespace === namespace &&
    matchesLabels(server.selector, labels)
      ? [server.port]
      : [],
  )
}

/** The default policy that the pod or its namespace says by annotation; empty: the mesh's own. */
function saidOf(state: MeshState, { annotations, namespace }: Instance): string {
  const of = state.namespaces.find(({ name }) => name === namespace)
  return annotations[annotation] ?? of?.annotations[annotation] ?? ''
}
