import { setMaxListeners } from 'node:events'
import { Code, createClient } from '@connectrpc/connect'
import { InboundServerPolicies, type Server } from '#lib/mesh-api/gen/io/linkerd/proxy/inbound_pb.ts'
import { type DefaultPolicyName, defaultPolicy, localhostAuthorization } from '#lib/policy/default-policy.ts'
import type { ServerPolicy } from '#lib/policy/server-policy.ts'
import type { Config } from '#proxy/config.ts'
import type { ControlChannel } from '#proxy/control/control-channel.ts'
import { watchStream } from '#proxy/control/watch-stream.ts'
import type { Log } from '#proxy/log.ts'
import type { InboundPolicies } from './inbound-policies.ts'
import { policyFromProto } from './policy-from-proto.ts'

/** Ports beyond these are closed to everyone: what their policy says is not known. */
const MAX_WATCHED_PORTS = 512
const BACKOFF = { minMs: 100, maxMs: 10_000 }

export interface PoliciesOptions {
  readonly config: Pick<
    Config,
    | 'inboundDefaultPolicy'
    | 'clusterNetworks'
    | 'inboundDetectTimeoutMs'
    | 'inboundPorts'
    | 'appPorts'
    | 'inboundIps'
    | 'inboundListen'
    | 'policy'
  >
  readonly channel: ControlChannel
  readonly log: Log
  readonly random: () => number
}

/**
 * Policies from the control plane's InboundServerPolicies service. The configured ports and the first app port are
 * watched at once, others from their first use. Closing ends the watches, not the channel.
 */
export function createInboundPolicies({ config, channel, log, random }: PoliciesOptions): InboundPolicies {
  const stop = new AbortController()
  setMaxListeners(MAX_WATCHED_PORTS, stop.signal)
  const listeners = new Set<(port: number) => void>()
  const known = new Map<number, ServerPolicy>()
  const running: Promise<void>[] = []
  const localhost = localhostAuthorization(ownIps(config))
  const withLocalhost = (policy: ServerPolicy): ServerPolicy =>
    localhost === null ? policy : { ...policy, authorizations: [...policy.authorizations, localhost] }
  const builtIn = (name: DefaultPolicyName): ServerPolicy =>
    withLocalhost(
      defaultPolicy(name, {
        clusterNetworks: config.clusterNetworks,
        detectTimeoutMs: config.inboundDetectTimeoutMs,
      }),
    )
  const byDefault = builtIn(config.inboundDefaultPolicy)
  const closed = builtIn('deny')

  const set = (port: number, policy: ServerPolicy): void => {
    known.set(port, policy)
    for (const listener of new Set(listeners)) listener(port)
  }
  const watch = (port: number): Promise<void> =>
    watchStream<Server>(
      {
        open: signal =>
          createClient(InboundServerPolicies, channel.transport()).watchPort(
            { workload: config.policy.workload, port },
            { signal },
          ),
        onMessage: server => set(port, withLocalhost(policyFromProto(server, config.inboundDetectTimeoutMs))),
        onFailure({ code, reason, isFinal }) {
          log.info(`Watch of port policy ended: ${reason}`, { port, isFinal })
          if ((isFinal || code === Code.NotFound) && known.get(port) !== byDefault) set(port, byDefault)
        },
      },
      { backoff: BACKOFF, random, signal: stop.signal },
    )
  const start = (port: number): ServerPolicy => {
    if (known.size >= MAX_WATCHED_PORTS) return closed
    known.set(port, byDefault)
    running.push(watch(port))
    return byDefault
  }

  for (const port of new Set([...config.inboundPorts, ...config.appPorts.slice(0, 1)])) start(port)
  return {
    forPort: port => known.get(port) ?? start(port),
    subscribe(listener) {
      const own = (port: number): void => listener(port)
      listeners.add(own)
      return () => listeners.delete(own)
    },
    async close() {
      stop.abort()
      await Promise.all(running)
    },
  }
}

/** The instance's addresses, as it was told or else as it listens. */
function ownIps({ inboundIps, inboundListen }: PoliciesOptions['config']): readonly string[] {
  return inboundIps.length > 0 ? inboundIps : [inboundListen.host]
}
