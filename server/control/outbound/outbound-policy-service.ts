import { equals } from '@bufbuild/protobuf'
import { Code, ConnectError, type ServiceImpl } from '@connectrpc/connect'
import {
  type OutboundPolicies,
  type OutboundPolicy,
  OutboundPolicySchema,
  type TrafficSpec,
} from '#lib/mesh-api/gen/io/linkerd/proxy/outbound_pb.ts'
import { ipText } from '#lib/mesh-api/ip-text.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import { parseTarget, type Target } from '#server/control/destination/authority-name.ts'
import { parseWorkload } from '#server/control/policy/workload.ts'
import { states } from '#server/control/states.ts'
import type { Platform } from '#server/platform/platform.ts'
import { type OutboundPolicyOptions, outboundMessage } from './outbound-message.ts'
import { routesOfService } from './service-routes.ts'

/**
 * Tells proxies how to use services (io.linkerd.proxy.outbound): timeouts, retries and failure accrual, and each change
 * of them. What cannot be read is InvalidArgument; of what is no service NotFound, and proxies then do without.
 */
export function outboundPolicyService(
  platform: Platform,
  options: OutboundPolicyOptions,
): ServiceImpl<typeof OutboundPolicies> {
  const targetOf = (spec: TrafficSpec): Target => readTarget(spec, platform.current().clusterDomain)
  return {
    get(spec) {
      return policyOf(platform.current(), targetOf(spec), spec, options) ?? refuse(spec)
    },

    async *watch(spec, { signal }) {
      const target = targetOf(spec)
      let sent: OutboundPolicy | undefined
      for await (const state of states(platform, signal)) {
        const policy = policyOf(state, target, spec, options) ?? refuse(spec)
        if (sent && equals(OutboundPolicySchema, sent, policy)) continue
        sent = policy
        yield policy
      }
    },
  }
}

function readTarget({ target }: TrafficSpec, clusterDomain: string): Target {
  if (target.case === 'addr') {
    const ip = target.value.ip === undefined ? null : ipText(target.value.ip)
    if (ip !== null) return { kind: 'address', ip, port: target.value.port }
  }
  const read = target.case === 'authority' ? parseTarget(target.value, clusterDomain) : null
  if (read !== null && read.kind !== 'other') return read
  const why = read?.kind === 'other' ? read.why : 'expected an address or an authority, found neither'
  throw new ConnectError(`Cannot tell the policy: ${why}`, Code.InvalidArgument)
}

function policyOf(
  state: MeshState,
  target: Target,
  { sourceWorkload }: TrafficSpec,
  options: OutboundPolicyOptions,
): OutboundPolicy | null {
  if (target.kind === 'other') return null
  const service = state.services.find(one =>
    target.kind === 'address'
      ? one.clusterIp === target.ip
      : one.name === target.service && one.namespace === target.namespace,
  )
  if (service === undefined) return null
  const { name, namespace } = service
  const client = parseWorkload(sourceWorkload)?.namespace ?? ''
  const port = { namespace, name, port: target.port }
  const routes = {
    http: routesOfService(state.policies.httpRoutes, port, client),
    grpc: routesOfService(state.policies.grpcRoutes, port, client),
  }
  return outboundMessage(service, target.port, state.clusterDomain, routes, options)
}

function refuse({ target }: TrafficSpec): never {
  const what = target.case === 'authority' ? target.value : 'the address'
  throw new ConnectError(`Cannot tell the policy: no service at ${what}`, Code.NotFound)
}
