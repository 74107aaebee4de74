import { durationFromMs } from '@bufbuild/protobuf/wkt'
import { serviceFqdn } from '#server/control/destination/authority-name.ts'

/** Linkerd's figures for the load of endpoints and for queues. */
const ewma = { defaultRtt: durationFromMs(30), decay: durationFromMs(10_000) }
const queue = { capacity: 100, failfastTimeout: durationFromMs(3000) }

interface ObjectName {
  readonly name: string
  readonly namespace: string
}

/** The endpoints of a service's port, between which a proxy balances. */
export function backendMessage({ name, namespace }: ObjectName, port: number, clusterDomain: string) {
  const path = `${serviceFqdn(name, namespace, clusterDomain)}:${port}`
  return {
    metadata: resource('Service', { group: 'core', name, namespace }, port),
    queue,
    kind: {
      case: 'balancer' as const,
      value: {
        discovery: { kind: { case: 'dst' as const, value: { path } } },
        load: { case: 'peakEwma' as const, value: ewma },
      },
    },
  }
}

export type BackendMessage = ReturnType<typeof backendMessage>

/** Names an object of the mesh. */
export function resource(
  kind: string,
  { group, name, namespace }: ObjectName & { readonly group: string },
  port = 0,
) {
  return { kind: { case: 'resource' as const, value: { group, kind, name, namespace, port } } }
}

/** Names what stands in where there is no object. */
export function byDefault(name: string) {
  return { kind: { case: 'default' as const, value: name } }
}
