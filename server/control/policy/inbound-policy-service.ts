import { equals } from '@bufbuild/protobuf'
import { Code, ConnectError, type ServiceImpl } from '@connectrpc/connect'
import {
  type InboundServerPolicies,
  type PortSpec,
  type Server,
  ServerSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/inbound_pb.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import { states } from '#server/control/states.ts'
import type { Platform } from '#server/platform/platform.ts'
import { inboundPolicyNames, type PolicyDefaults, portPolicy } from './port-policy.ts'
import { serverMessage } from './server-message.ts'
import { parseWorkload, type WorkloadName } from './workload.ts'

/**
 * Tells proxies who may use their ports (io.linkerd.proxy.inbound), and each change of that. A request that cannot be
 * read is InvalidArgument, an instance that is not there NotFound. Throws when the default policy has no such name.
 */
export function inboundPolicyService(
  platform: Platform,
  defaults: PolicyDefaults,
): ServiceImpl<typeof InboundServerPolicies> {
  if (!inboundPolicyNames.includes(defaults.defaultPolicy)) {
    const names = inboundPolicyNames.join(', ')
    throw new RangeError(
      `Cannot use default inbound policy: expected one of ${names}, found ${defaults.defaultPolicy}`,
    )
  }
  const answer = (state: MeshState, workload: WorkloadName, port: number): Server | null => {
    const instance = state.instances.find(
      one => one.name === workload.pod && one.namespace === workload.namespace,
    )
    if (instance === undefined) return null
    const ips = instance.ip === '' ? [] : [instance.ip]
    return serverMessage(portPolicy(state, instance, port, defaults), ips)
  }
  return {
    getPort(request) {
      const workload = checkRequest(request)
      const server = answer(platform.current(), workload, request.port)
      if (server === null) throw notFound(workload)
      return server
    },

    async *watchPort(request, { signal }) {
      const workload = checkRequest(request)
      let sent: Server | undefined
      for await (const state of states(platform, signal)) {
        const server = answer(state, workload, request.port)
        // Of an instance that went away the last answer stays true until its proxy ends.
        if (server === null && sent === undefined) throw notFound(workload)
        if (server === null || (sent && equals(ServerSchema, sent, server))) continue
        sent = server
        yield server
      }
    },
  }
}

function checkRequest({ workload, port }: PortSpec): WorkloadName {
  const name = parseWorkload(workload)
  if (name === undefined) {
    const found = JSON.stringify(workload.slice(0, 300))
    throw new ConnectError(
      `Cannot tell policies: expected a workload {"ns":…,"pod":…}, found ${found}`,
      Code.InvalidArgument,
    )
  }
  if (port >= 1 && port <= 65_535) return name
  throw new ConnectError(
    `Cannot tell policies: expected a port from 1 to 65535, found ${port}`,
    Code.InvalidArgument,
  )
}

function notFound({ namespace, pod }: WorkloadName): ConnectError {
  return new ConnectError(`Cannot tell policies: no instance ${namespace}/${pod}`, Code.NotFound)
}
