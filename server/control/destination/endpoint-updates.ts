import { create, toBinary } from '@bufbuild/protobuf'
import {
  type Update,
  UpdateSchema,
  type WeightedAddr,
  WeightedAddrSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import { serviceInstances, targetPort } from '#lib/resources/service-instances.ts'
import type { Target } from './authority-name.ts'
import type { ClientContext } from './client-context.ts'
import { endpointMessage } from './endpoint.ts'

type ServiceTarget = Extract<Target, { kind: 'service' }>

/** The endpoints of a service's port by `ip:port`; `null` when there is no such service. */
export function serviceEndpoints(
  state: MeshState,
  target: ServiceTarget,
  client: ClientContext,
): Map<string, WeightedAddr> | null {
  const service = state.services.find(
    one => one.name === target.service && one.namespace === target.namespace,
  )
  if (service === undefined) return null
  const endpoints = new Map<string, WeightedAddr>()
  for (const instance of serviceInstances(state, service)) {
    if (target.pod !== null && instance.name !== target.pod) continue
    const port = targetPort(service, target.port, instance)
    if (port === undefined) continue
    endpoints.set(`${instance.ip}:${port}`, endpointMessage(state, instance, port, client))
  }
  return endpoints
}

/** Turns each new set of endpoints into what changed since the last. */
export class EndpointUpdates {
  readonly #setLabels: Record<string, string>
  #known: Map<string, { endpoint: WeightedAddr; bytes: string }> = new Map()
  #said: 'nothing' | 'missing' | 'empty' | 'some' = 'nothing'

  constructor(target: ServiceTarget) {
    this.#setLabels = { namespace: target.namespace, service: target.service }
  }

  /** What to tell a client that was told of all sets before; `null`: there is no such service. */
  next(endpoints: Map<string, WeightedAddr> | null): Update[] {
    const before = this.#known
    this.#known = new Map(
      Array.from(endpoints ?? [], ([key, endpoint]) => [
        key,
        { endpoint, bytes: Buffer.from(toBinary(WeightedAddrSchema, endpoint)).toString('latin1') },
      ]),
    )
    const says = endpoints === null ? 'missing' : endpoints.size === 0 ? 'empty' : 'some'
    const said = this.#said
    this.#said = says
    if (says !== 'some') {
      if (says === said) return []
      return [create(UpdateSchema, { update: { case: 'noEndpoints', value: { exists: says === 'empty' } } })]
    }
    const added = Array.from(this.#known)
      .filter(([key, { bytes }]) => before.get(key)?.bytes !== bytes)
      .map(([, { endpoint }]) => endpoint)
    const removed = Array.from(before)
      .filter(([key]) => !this.#known.has(key))
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
