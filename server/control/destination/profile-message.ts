import { create } from '@bufbuild/protobuf'
import { durationFromMs } from '@bufbuild/protobuf/wkt'
import {
  type DestinationProfile,
  DestinationProfileSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import type { Instance, MeshState } from '#lib/resources/mesh-state.ts'
import type { RetryBudget, ServiceProfile, WeightedAuthority } from '#lib/resources/service-profile.ts'
import { isOpaque } from '#server/control/opaque-ports.ts'
import { serviceFqdn, type Target } from './authority-name.ts'
import type { ClientContext } from './client-context.ts'
import { endpointMessage, zoneOfClient } from './endpoint.ts'
import { routeMessage } from './route-message.ts'

const defaultBudget: RetryBudget = { retryRatio: 0.2, minRetriesPerSecond: 10, ttlMs: 10_000 }
const maxWeight = 0xffff_ffff

/** What a client should know of a destination. A service without a profile, or an address nobody has, gets defaults. */
export function profileMessage(
  state: MeshState,
  target: Exclude<Target, { kind: 'other' }>,
  client: ClientContext,
  h2Upgrade: boolean,
): DestinationProfile {
  if (target.kind === 'service') return serviceProfileMessage(state, target, client)
  const { ip, port } = target
  const service = state.services.find(one => one.clusterIp === ip)
  if (service) {
    const { namespace, name } = service
    return serviceProfileMessage(
      state,
      { kind: 'service', namespace, service: name, pod: null, port },
      client,
    )
  }
  const instance = instanceAt(state, ip, port)
  if (instance === undefined) {
    return create(DestinationProfileSchema, {
      retryBudget: budgetMessage(defaultBudget),
      opaqueProtocol: isOpaque(port, []),
    })
  }
  const clientZone = zoneOfClient(state, client)
  const endpoint = endpointMessage(state, instance, port, { clientZone, h2Upgrade })
  return create(DestinationProfileSchema, {
    retryBudget: budgetMessage(defaultBudget),
    opaqueProtocol: endpoint.protocolHint?.protocol.case === 'opaque',
    endpoint,
  })
}

function serviceProfileMessage(
  state: MeshState,
  target: Extract<Target, { kind: 'service' }>,
  client: ClientContext,
): DestinationProfile {
  const { namespace, port } = target
  const name = serviceFqdn(target.service, namespace, state.clusterDomain)
  const service = state.services.find(one => one.name === target.service && one.namespace === namespace)
  const profile = profileFor(state, name, client.namespace, namespace)
  const namespaceAnnotations = state.namespaces.find(one => one.name === namespace)?.annotations ?? {}
  const opaque =
    profile?.opaquePorts.includes(port) || isOpaque(port, [service?.annotations ?? {}, namespaceAnnotations])
  return create(DestinationProfileSchema, {
    fullyQualifiedName: name,
    opaqueProtocol: opaque,
    routes: (profile?.routes ?? []).map(routeMessage),
    retryBudget: budgetMessage(profile?.retryBudget ?? defaultBudget),
    dstOverrides: overrides(state, target, profile).map(({ authority, weight }) => ({
      authority: /:\d+$/.test(authority) ? authority : `${authority}:${port}`,
      // Thousandths, as Linkerd sends a quantity; only the ratio counts.
      weight: Math.min(Math.round(weight * 1000), maxWeight),
    })),
    parentRef: resource('core', 'Service', target.service, namespace, port),
    ...(profile
      ? { profileRef: resource('linkerd.io', 'ServiceProfile', profile.name, profile.namespace, 0) }
      : {}),
  })
}

/** The client's namespace may hold a profile of its own for a service; else that of the service's counts. */
function profileFor(
  state: MeshState,
  name: string,
  clientNamespace: string,
  serviceNamespace: string,
): ServiceProfile | undefined {
  const named = state.profiles.filter(profile => profile.name === name)
  return (
    named.find(profile => profile.namespace === clientNamespace) ??
    named.find(profile => profile.namespace === serviceNamespace)
  )
}

function overrides(
  state: MeshState,
  target: Extract<Target, { kind: 'service' }>,
  profile: ServiceProfile | undefined,
): readonly WeightedAuthority[] {
  if (profile && profile.dstOverrides.length > 0) return profile.dstOverrides
  const split = state.splits.find(one => one.service === target.service && one.namespace === target.namespace)
  return (split?.backends ?? []).map(({ service, weight }) => ({
    authority: serviceFqdn(service, target.namespace, state.clusterDomain),
    weight,
  }))
}

/** The instance at an address: the one of that IP, or where several share it, the one that has the port. */
function instanceAt(state: MeshState, ip: string, port: number): Instance | undefined {
  const there = state.instances.filter(instance => instance.ip === ip)
  if (there.length === 1) return there[0]
  return there.find(
    ({ ports, proxyPorts }) =>
      ports.some(one => one.port === port) || Object.values(proxyPorts).some(one => one === port),
  )
}

function budgetMessage({ retryRatio, minRetriesPerSecond, ttlMs }: RetryBudget) {
  return { retryRatio, minRetriesPerSecond, ttl: durationFromMs(ttlMs) }
}

function resource(group: string, kind: string, name: string, namespace: string, port: number) {
  return { kind: { case: 'resource' as const, value: { group, kind, name, namespace, port } } }
}
