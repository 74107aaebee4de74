import { Destination } from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import { Identity } from '#lib/mesh-api/gen/io/linkerd/proxy/identity_pb.ts'
import { InboundServerPolicies } from '#lib/mesh-api/gen/io/linkerd/proxy/inbound_pb.ts'
import { OutboundPolicies } from '#lib/mesh-api/gen/io/linkerd/proxy/outbound_pb.ts'
import { parseIp } from '#lib/policy/ip-address.ts'
import type { DataDirectory } from '#server/data/data-directory.ts'
import type { Platform } from '#server/platform/platform.ts'
import { destinationService } from './destination/destination-service.ts'
import { type GrpcServer, startGrpcServer } from './grpc-server.ts'
import { openAuthority } from './identity/authority.ts'
import { identityService } from './identity/identity-service.ts'
import { startTokens } from './identity/tokens.ts'
import { inboundPolicyService } from './policy/inbound-policy-service.ts'

/** Where the control plane says what happens to it. */
type ControlLog = (level: 'info' | 'warn', message: string) => void

export interface ControlOptions {
  readonly platform: Platform
  readonly data: DataDirectory
  /** A loopback address. */
  readonly host: string
  /** 0 takes a free port. */
  readonly identityPort: number
  readonly destinationPort: number
  readonly policyPort: number
  readonly issuanceLifetimeMs: number
  readonly clockSkewAllowanceMs: number
  /** What is allowed on ports that nothing else describes. */
  readonly defaultInboundPolicy: string
  /** CIDRs of the mesh's own addresses, for the `cluster-*` policies. */
  readonly clusterNetworks?: readonly string[]
  readonly now: () => number
  readonly log: ControlLog
}

export interface Control {
  readonly ports: { readonly identity: number; readonly destination: number; readonly policy: number }
  /** Ends every stream. Safe twice. */
  close(): Promise<void>
}

/** Private address blocks, as Linkerd's default has them, and loopback, where a mesh file's instances live. */
const privateNetworks = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fd00::/8',
  '127.0.0.0/8',
]

/**
 * Starts what proxies ask for: certificates, endpoints and policies, each on a port of its own. Throws an error for
 * people when an address is not loopback or taken, a policy's name unknown, or the data directory's keys broken.
 */
export async function startControl(options: ControlOptions): Promise<Control> {
  const { platform, data, host, now, log } = options
  if (!isLoopback(host)) {
    throw new RangeError(
      `Cannot start the control plane: expected a loopback address, found ${host}; it speaks without TLS`,
    )
  }
  const inbound = inboundPolicyService(platform, {
    defaultPolicy: options.defaultInboundPolicy,
    clusterNetworks: options.clusterNetworks ?? privateNetworks,
  })
  const { controlPlaneNamespace, trustDomain } = platform.current()
  const authority = await openAuthority({
    root: data.path,
    controlPlaneNamespace,
    trustDomain,
    issuanceLifetimeMs: options.issuanceLifetimeMs,
    clockSkewAllowanceMs: options.clockSkewAllowanceMs,
    now,
  })
  const tokens = await startTokens({ root: data.path, platform, now, log })
  const servers: GrpcServer[] = []
  const serve = async (
    name: string,
    port: number,
    routes: Parameters<typeof startGrpcServer>[2],
  ): Promise<number> => {
    try {
      const server = await startGrpcServer(host, port, routes)
      servers.push(server)
      return server.port
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`Cannot serve ${name} at ${host}:${port}: ${why}`, { cause: error })
    }
  }
  const stopWarning = warnOfUnenforced(platform, log)
  const close = async (): Promise<void> => {
    stopWarning()
    await Promise.all([...servers.map(server => server.close()), tokens.close()])
  }
  try {
    const ports = {
      identity: await serve('identity', options.identityPort, router =>
        router.service(Identity, identityService({ platform, tokens, authority, log })),
      ),
      destination: await serve('destination', options.destinationPort, router =>
        router.service(Destination, destinationService(platform)),
      ),
      policy: await serve('policy', options.policyPort, router => {
        router.service(InboundServerPolicies, inbound)
        // Every method answers Unimplemented: proxies then make their policy from the profile.
        router.service(OutboundPolicies, {})
      }),
    }
    return { ports, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Says once that policy objects are read and do not decide yet: who writes one must not believe it guards. */
function warnOfUnenforced(platform: Platform, log: ControlLog): () => void {
  let warned = false
  const look = (): void => {
    const kinds = Object.values(platform.current().policies) as readonly (readonly unknown[])[]
    if (warned || kinds.every(objects => objects.length === 0)) return
    warned = true
    log('warn', 'Policy objects of the mesh are not enforced yet; default policies decide alone')
  }
  look()
  return platform.subscribe(look)
}

function isLoopback(host: string): boolean {
  const bytes = parseIp(host)
  if (bytes === null) return host === 'localhost'
  return bytes.length === 4 ? bytes[0] === 127 : bytes.every((byte, index) => byte === (index === 15 ? 1 : 0))
}
