import { create, toBinary } from '@bufbuild/protobuf'
import {
  type Update,
  UpdateSchema,
  type WeightedAddr,
  WeightedAddrSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import type { MeshState, Service } from '#lib/resources/mesh-state.ts'
import { serviceInstances, targetPort } from '#lib/resources/service-instances.ts'
import type { Target } from './authority-name.ts'
import type { ClientContext } from './client-context.ts'
import { type EndpointOptions, endpointMessage, zoneOfClient } from './endpoint.ts'

type ServiceTarget = Extract<Target, { kind: 'service' }>

/** An endpoint, and its bytes to tell it from a changed one. */
interface KnownEndpoint {
  readonly endpoint: WeightedAddr
  readonly bytes: string
}
type Endpoints = ReadonlyMap<string, KnownEndpoint>

/** What many proxies ask of one state is computed once. Past the limit it is computed each time. */
const memo = new WeakMap<MeshState, Map<string, Endpoints>>()
const maxMemoEntries = 10_000

/** The endpoints of a service's port by `ip:port`; `null` when there is no such service. */
export function serviceEndpoints(
  state: MeshState,
  target: ServiceTarget,
  client: ClientContext,
  h2Upgrade: boolean,
): Endpoints | null {
  const { namespace, service: name, pod, port } = target
  const service = state.services.find(one => one.name === name && one.namespace === namespace)
  if (service === undefined) return null
  const clientZone = zoneOfClient(state, client)
  const key = JSON.stringify([namespace, name, pod, port, clientZone, h2Upgrade])
  const known = memo.get(state) ?? new Map<string, Endpoints>()
  memo.set(state, known)
  const computed = known.get(key) ?? computeEndpoints(state, service, target, { clientZone, h2Upgrade })
  if (known.size < maxMemoEntries) known.set(key, computed)
  return computed
}

function computeEndpoints(
  state: MeshState,
  service: Service,
  target: ServiceTarget,
  options: EndpointOptions,
): Endpoints {
  const endpoints = new Map<string, KnownEndpoint>()
  for (const instance of serviceInstances(state, service)) {
    if (target.pod !== null && instance.name !== target.pod) continue
    const port = targetPort(service, target.port, instance)
    if (port === undefined) continue
    const endpoint = endpointMessage(state, instance, port, options)
    const bytes = Buffer.from(toBinary(WeightedAddrSchema, endpoint)).toString('latin1')
    endpoints.set(`${instance.ip}:${port}`, { endpoint, bytes })
  }
  return endpoints
}

/** Turns each new set of endpoints into what changed since the last. */
export class EndpointUpdates {
  readonly #setLabels: Record<string, string>
  #known: Endpoints = new Map()
  #said: 'nothing' | 'missing' | 'empty' | 'some' = 'nothing'

  constructor(target: ServiceTarget) {
    this.#setLabels = { namespace: target.namespace, service: target.service }
  }

  /** What to tell a client that was told of all sets before; `null`: there is no such service. */
  next(endpoints: Endpoints | null): Update[] {
    const before = this.#known
    const now: Endpoints = endpoints ?? new Map()
    this.#known = now
    const says = endpoints === null ? 'missing' : endpoints.size === 0 ? 'empty' : 'some'
    const said = this.#said
    this.#said = says
    if (says !== 'some') {
      if (says === said) return []
      return [create(UpdateSchema, { update: { case: 'noEndpoints', value: { exists: says === 'empty' } } })]
    }
    const added = Array.from(now)
      .filter(([key, { bytes }]) => before.get(key)?.bytes !== bytes)
      .map(([, { endpoint }]) => endpoint)
    const removed = Array.from(before)
      .filter(([key]) => !now.has(key))
      .flatMap(([, { endpoint }]) => endpoint.addr ?? [])
    const updates: Update[] = []
    if (added.length > 0) {
      updates.push(
        create(UpdateSchema, {
          update: { case: 'add', value: { addrs: added, metricLabels: this.#setLabels } },
        }),
      )
    }
    if (removed.length > 0) {
      updates.push(create(UpdateSchema, { update: { case: 'remove', value: { addrs: removed } } }))
    }
    return updates
  }
}
