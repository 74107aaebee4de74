import { Destination } from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import { Identity } from '#lib/mesh-api/gen/io/linkerd/proxy/identity_pb.ts'
import { InboundServerPolicies } from '#lib/mesh-api/gen/io/linkerd/proxy/inbound_pb.ts'
import { OutboundPolicies } from '#lib/mesh-api/gen/io/linkerd/proxy/outbound_pb.ts'
import { isLoopbackHost } from '#lib/policy/loopback-host.ts'
import { identityName } from '#lib/resources/identity-name.ts'
import type { DataDirectory } from '#server/data/data-directory.ts'
import { makeFolders, writeWhole } from '#server/data/files.ts'
import { layout } from '#server/data/layout.ts'
import type { Platform } from '#server/platform/platform.ts'
import { destinationService } from './destination/destination-service.ts'
import { type GrpcServer, type GrpcTls, startGrpcServer } from './grpc-server.ts'
import { openAuthority } from './identity/authority.ts'
import { identityService } from './identity/identity-service.ts'
import { type KeptCertificate, keepCertificate } from './identity/own-certificate.ts'
import { startTokens } from './identity/tokens.ts'
import { outboundPolicyService } from './outbound/outbound-policy-service.ts'
import { inboundPolicyService } from './policy/inbound-policy-service.ts'

/** Where the control plane says what happens to it. */
type ControlLog = (level: 'info' | 'warn', message: string) => void

export interface ControlOptions {
  readonly platform: Platform
  readonly data: DataDirectory
  /** Where proxies find tokens and trust anchors, when that is not the data directory. */
  readonly credentialsDir?: string | undefined
  /** On loopback all three ports speak plaintext, on any other address TLS with certificates of the mesh. */
  readonly host: string
  /** 0 takes a free port. */
  readonly identityPort: number
  readonly destinationPort: number
  readonly policyPort: number
  readonly issuanceLifetimeMs: number
  readonly clockSkewAllowanceMs: number
  /** What is allowed on ports that nothing else describes. */
  readonly defaultInboundPolicy: string
  /** Whether meshed endpoints are said to take HTTP/1 carried in HTTP/2. */
  readonly h2Upgrade: boolean
  /** Whether clients may ask for retries and timeouts by `l5d-*` headers. */
  readonly l5dRequestHeaders: boolean
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
 * people when a port is taken, a policy's name unknown, or the data directory's keys broken.
 */
export async function startControl(options: ControlOptions): Promise<Control> {
  const { platform, data, host, now, log } = options
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
  const credentialsRoot = options.credentialsDir ?? data.path
  if (credentialsRoot !== data.path) await handOutAnchors(credentialsRoot, authority.trustAnchorsPem)
  const tokens = await startTokens({ root: data.path, credentialsRoot, platform, now, log })
  const certificates: KeptCertificate[] = []
  const tlsOf = async (serviceAccount: string, clients: GrpcTls['clients']): Promise<GrpcTls | null> => {
    if (isLoopbackHost(host)) return null
    const namespace = controlPlaneNamespace
    const identity = identityName({ serviceAccount, namespace, controlPlaneNamespace, trustDomain })
    const certificate = await keepCertificate({ authority, identity, now, log })
    certificates.push(certificate)
    return { certificate, clients }
  }
  const servers: GrpcServer[] = []
  const serve = async (
    name: string,
    port: number,
    tls: GrpcTls | null,
    routes: Parameters<typeof startGrpcServer>[2],
  ): Promise<number> => {
    try {
      const server = await startGrpcServer(host, port, routes, tls)
      servers.push(server)
      return server.port
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new Error(`Cannot serve ${name} at ${host}:${port}: ${why}`, { cause: error })
    }
  }
  const close = async (): Promise<void> => {
    for (const certificate of certificates) certificate.close()
    await Promise.all([...servers.map(server => server.close()), tokens.close()])
  }
  try {
    // Who comes for a first certificate has none to show.
    const forAnyone = await tlsOf('linkerd-identity', 'anyone')
    const forMembers = await tlsOf('linkerd-destination', 'member')
    const ports = {
      identity: await serve('identity', options.identityPort, forAnyone, router =>
        router.service(Identity, identityService({ platform, tokens, authority, log })),
      ),
      destination: await serve('destination', options.destinationPort, forMembers, router =>
        router.service(Destination, destinationService(platform, options.h2Upgrade)),
      ),
      policy: await serve('policy', options.policyPort, forMembers, router => {
        router.service(InboundServerPolicies, inbound)
        router.service(
          OutboundPolicies,
          outboundPolicyService(platform, { allowsRequestHeaders: options.l5dRequestHeaders }),
        )
      }),
    }
    return { ports, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Writes what proxies trust to where they look; who reads it there must not reach the keys beside it here. */
async function handOutAnchors(root: string, trustAnchorsPem: string): Promise<void> {
  await makeFolders(layout.identity(root))
  await writeWhole(layout.trustAnchors(root), trustAnchorsPem, 0o644)
}
