import { create } from '@bufbuild/protobuf'
import {
  type ProtocolHint,
  ProtocolHintSchema,
  TlsIdentitySchema,
  type WeightedAddr,
  WeightedAddrSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import { tcpAddressMessage } from '#lib/mesh-api/ip-message.ts'
import { ownerLabel } from '#lib/resources/kinds.ts'
import type { Instance, MeshState } from '#lib/resources/mesh-state.ts'
import { isOpaque } from '#server/control/opaque-ports.ts'
import type { ClientContext } from './client-context.ts'

/** Linkerd's weight for every endpoint. */
const weight = 10_000

/** For whom an endpoint is described, and how proxies are to speak with each other. */
export interface EndpointOptions {
  readonly clientZone: string | null
  /** Whether proxies carry HTTP/1 in HTTP/2 to each other. */
  readonly h2Upgrade: boolean
}

/** How to reach one instance's port, who it is, and the labels by which its metrics are known. */
export function endpointMessage(
  state: MeshState,
  instance: Instance,
  port: number,
  { clientZone, h2Upgrade }: EndpointOptions,
): WeightedAddr {
  const { identity } = instance
  return create(WeightedAddrSchema, {
    addr: tcpAddressMessage(instance.ip, port),
    weight,
    metricLabels: endpointLabels(instance, clientZone),
    ...(identity === null
      ? {}
      : {
          tlsIdentity: create(TlsIdentitySchema, {
            strategy: { case: 'dnsLikeIdentity', value: { name: identity } },
            serverName: { name: identity },
          }),
        }),
    protocolHint: protocolHint(state, instance, port, h2Upgrade),
  })
}

function protocolHint(state: MeshState, instance: Instance, port: number, h2Upgrade: boolean): ProtocolHint {
  const namespace = state.namespaces.find(({ name }) => name === instance.namespace)
  const opaque = isOpaque(port, [instance.annotations, namespace?.annotations ?? {}], instance.ports)
  const { inbound, control, admin } = instance.proxyPorts
  // The proxy serves its own two ports itself, without the inbound one in between.
  const throughProxy = instance.identity !== null && port !== control && port !== admin
  return create(ProtocolHintSchema, {
    ...(opaque && { protocol: { case: 'opaque', value: {} } }),
    ...(!opaque && throughProxy && h2Upgrade && { protocol: { case: 'h2', value: {} } }),
    ...(throughProxy ? { opaqueTransport: { inboundPort: inbound } } : {}),
  })
}

function endpointLabels(instance: Instance, clientZone: string | null): Record<string, string> {
  const { workload, zone } = instance
  const labels: Record<string, string> = {
    pod: instance.name,
    serviceaccount: instance.serviceAccount,
    zone_locality:
      zone === null || clientZone === null ? 'unknown' : zone === clientZone ? 'local' : 'remote',
  }
  if (workload.kind !== 'pod') labels[ownerLabel(workload.kind)] = workload.name
  if (instance.controlPlaneNamespace !== null) labels.control_plane_ns = instance.controlPlaneNamespace
  if (zone !== null) labels.zone = zone
  const templateHash = instance.labels['pod-template-hash']
  if (templateHash !== undefined) labels.pod_template_hash = templateHash
  return labels
}

/** Where the client runs; `null` when that is not known. */
export function zoneOfClient(state: MeshState, { namespace, pod }: ClientContext): string | null {
  if (pod === '') return null
  const client = state.instances.find(one => one.name === pod && one.namespace === namespace)
  return client?.zone ?? null
}
