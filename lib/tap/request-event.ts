import type { TapEvent, TapPeer } from '#lib/api/tap.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import type { Half, Told } from './joiner.ts'
import { type MeshIndex, podOf, workloadOfLabels } from './mesh-index.ts'
import { redactHeaders } from './redact.ts'

/** How events are told. */
export interface Telling {
  readonly mesh: MeshIndex
  /** Headers, too, but not the values of `redacted` ones. */
  readonly withHeaders: boolean
  /** In lower case. */
  readonly redacted: ReadonlySet<string>
  /** RFC 3339 of Unix milliseconds. */
  readonly instantText: (ms: number) => string
}

/** A request as clients are told of it: as the caller saw it where its proxy tells, else as the callee did. */
export function requestEvent(told: Told, telling: Telling): TapEvent {
  const { outbound, inbound } = told
  const half = outbound ?? inbound
  if (half === null) throw new RangeError('Cannot tell a request without halves: expected one')
  const { start, response, end } = half
  const either = (label: string): string | undefined => labelOf(outbound, label) ?? labelOf(inbound, label)
  const grpcStatus = end?.grpcStatus ?? inbound?.end?.grpcStatus ?? null
  const requestId = either('request_id')
  const attempt = Number(either('attempt') ?? 1)
  const policy = either('policy')
  const { source, destination } = peersOf(told, telling.mesh)
  return {
    id: `${told.id}`,
    at: telling.instantText(Math.min(outbound?.atMs ?? half.atMs, inbound?.atMs ?? half.atMs)),
    source,
    destination,
    direction: outbound !== null && inbound !== null ? 'both' : start.direction,
    ...securityOf(told, telling.mesh),
    method: start.method,
    scheme: start.scheme,
    authority: start.authority,
    path: start.path,
    route: routeOf(outbound) || routeOf(inbound),
    ...(response && { status: response.status, latencyMs: response.latencyMs }),
    ...(grpcStatus !== null && { grpcStatus }),
    ...(end && { durationMs: end.durationMs, bytes: end.bytes }),
    end: end === null ? 'pending' : end.resetCode === null ? 'complete' : 'reset',
    ...(end !== null && end.resetCode !== null && { resetCode: end.resetCode }),
    ...(requestId !== undefined && { requestId }),
    ...(attempt > 1 && { attempt }),
    ...(policy !== undefined && { policy }),
    ...(telling.withHeaders && {
      requestHeaders: redactHeaders(start.headers, telling.redacted),
      ...(response && { responseHeaders: redactHeaders(response.headers, telling.redacted) }),
    }),
  }
}

/** The instance at the other end of a half; `undefined` for what the mesh does not know. */
export function otherInstance({ start }: Half, mesh: MeshIndex): Instance | undefined {
  if (start.direction === 'inbound') return mesh.atIp(start.source.ip)
  return mesh.ofLabels(start.destinationLabels) ?? mesh.atIp(start.destination.ip)
}

/**
 * What both halves of a request have in common: its id, its ends, what was asked. An id alone may be that of several
 * requests, as when an app passes on the one it got. `null` without one, or when either end is not known.
 */
export function joinKey(half: Half, mesh: MeshIndex): string | null {
  const requestId = labelOf(half, 'request_id')
  const other = otherInstance(half, mesh)
  if (requestId === undefined || other === undefined) return null
  const { start, pod } = half
  const ends = start.direction === 'inbound' ? [podOf(other), pod] : [pod, podOf(other)]
  return [requestId, ...ends, start.method, start.path].join('\n')
}

/** A label of either end, or of the route. */
export function labelOf(half: Half | null, label: string): string | undefined {
  if (half === null) return undefined
  const { sourceLabels, destinationLabels, routeLabels } = half.start
  return sourceLabels[label] ?? destinationLabels[label] ?? routeLabels[label]
}

function routeOf(half: Half | null): string {
  const labels = half?.start.routeLabels
  return labels?.rt_route ?? labels?.route ?? ''
}

function peersOf({ outbound, inbound }: Told, mesh: MeshIndex): { source: TapPeer; destination: TapPeer } {
  const caller = outbound ? mesh.ofPod(outbound.pod) : inbound ? otherInstance(inbound, mesh) : undefined
  const callee = inbound ? mesh.ofPod(inbound.pod) : outbound ? otherInstance(outbound, mesh) : undefined
  // The caller's own proxy sees it at the address of its app, which may be one that nobody else knows.
  const from = (inbound ?? outbound)?.start.source
  const to = (outbound ?? inbound)?.start.destination
  const clientId = inbound?.start.sourceLabels.client_id ?? ''
  return {
    source: {
      workload: caller?.workload ?? mesh.ofIdentity(clientId),
      pod: caller?.name ?? null,
      ip: caller?.ip || (from?.ip ?? ''),
      port: from?.port ?? 0,
    },
    destination: {
      workload: callee?.workload ?? (outbound ? workloadOfLabels(outbound.start.destinationLabels) : null),
      pod: callee?.name ?? outbound?.start.destinationLabels.pod ?? null,
      ip: callee?.ip || (to?.ip ?? ''),
      port: to?.port ?? 0,
    },
  }
}

/** `tls` is `true` only when every proxy that tells says so. */
function securityOf(
  { outbound, inbound }: Told,
  mesh: MeshIndex,
): { readonly tls: string; readonly clientId: string; readonly serverId: string } {
  const states = [outbound?.start.destinationLabels.tls, inbound?.start.sourceLabels.tls].filter(
    state => state !== undefined,
  )
  const tls = states.find(state => state !== 'true') ?? states[0] ?? 'unknown'
  const isSecured = tls === 'true'
  const own = (half: Half | null): string => (half && isSecured && mesh.ofPod(half.pod)?.identity) || ''
  return {
    tls,
    clientId: inbound ? (inbound.start.sourceLabels.client_id ?? '') : own(outbound),
    serverId: outbound?.start.destinationLabels.server_id ?? own(inbound),
  }
}
