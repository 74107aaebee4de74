import type { TapEvent, TapPeer } from '#lib/api/tap.ts'
import { ownerLabel } from '#lib/resources/kinds.ts'

/** What was printed already of requests that go on: whether their response was. */
export type Printed = Map<string, { readonly response: boolean }>

/** Requests that go on and are remembered, so that nothing of them is printed twice. */
const maxPrinted = 10_000

/**
 * The lines that `linkerd viz tap` prints of a request: that it began (`req`), its response (`rsp`) and its end (`end`), as
 * far as they are known and not in `printed`. When `wide`, who is at its ends, too.
 */
export function tapLines(event: TapEvent, printed: Printed, wide: boolean): string[] {
  const before = printed.get(event.id)
  const common = commonText(event)
  const more = wide ? wideText(event) : ''
  const lines: string[] = []
  if (before === undefined) {
    const { method, authority, path } = event
    lines.push(`req ${common} :method=${method} :authority=${authority} :path=${path}${more}`)
  }
  if (event.status !== undefined && before?.response !== true) {
    lines.push(`rsp ${common} :status=${event.status} latency=${microseconds(event.latencyMs ?? 0)}${more}`)
  }
  if (event.end === 'pending') {
    if (printed.size < maxPrinted) printed.set(event.id, { response: event.status !== undefined })
    return lines
  }
  printed.delete(event.id)
  const how = [
    ...(event.grpcStatus === undefined
      ? []
      : [` grpc-status=${grpcNames[event.grpcStatus] ?? event.grpcStatus}`]),
    ...(event.end === 'reset' ? [` reset-error=${event.resetCode ?? 0}`] : []),
  ]
  const duration = microseconds((event.durationMs ?? 0) - (event.latencyMs ?? 0))
  lines.push(`end ${common}${how.join('')} duration=${duration} response-length=${event.bytes ?? 0}B${more}`)
  return lines
}

function commonText({ id, direction, source, destination, tls }: TapEvent): string {
  // A request that both proxies told is told as the caller's saw it.
  const proxy = direction === 'inbound' ? 'in ' : 'out'
  return `id=0:${id} proxy=${proxy} src=${addressText(source)} dst=${addressText(destination)} tls=${tls}`
}

function addressText({ ip, port }: TapPeer): string {
  return `${ip.includes(':') ? `[${ip}]` : ip}:${port}`
}

function microseconds(ms: number): string {
  return `${Math.max(0, Math.round(ms * 1_000))}µs`
}

function wideText(event: TapEvent): string {
  const labels = {
    ...peerLabels('src', event.source),
    ...(event.clientId !== '' && { src_client_id: event.clientId }),
    ...peerLabels('dst', event.destination),
    ...(event.serverId !== '' && { dst_server_id: event.serverId }),
    ...(event.route !== '' && { rt_route: event.route }),
    ...(event.requestId !== undefined && { request_id: event.requestId }),
    ...(event.attempt !== undefined && { attempt: event.attempt }),
    ...(event.policy !== undefined && { policy: event.policy }),
  }
  return Object.entries(labels)
    .map(([name, value]) => ` ${name}=${value}`)
    .join('')
}

function peerLabels(side: 'src' | 'dst', { workload, pod }: TapPeer): Record<string, string> {
  if (workload === null) return {}
  const kind = workload.kind === 'job' ? ownerLabel(workload.kind) : workload.kind
  return {
    [`${side}_${kind}`]: workload.name,
    [`${side}_namespace`]: workload.namespace,
    ...(pod !== null && { [`${side}_pod`]: pod }),
  }
}

const grpcNames = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
]
