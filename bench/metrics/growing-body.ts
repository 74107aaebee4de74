import { Buffer } from 'node:buffer'
import { linkerdLatencyBoundsMs } from '#lib/metrics/linkerd-buckets.ts'

/** What a proxy prints, with counters that grow from version to version. */
export interface GrowingBody {
  readonly samples: number
  /** Of the share of peers that are busy all counters differ between any two versions. */
  at(version: number): Buffer
}

/** All values have ten digits, so that a version is the one before with some digits written anew. */
const firstValue = 1_000_000_000
const seriesOfPeer = linkerdLatencyBoundsMs.length + 8

/** An exposition of about `series` series: for each peer what linkerd2-proxy prints of it, half of the peers callers. */
export function growingBody(series: number, busyShare: number): GrowingBody {
  const peers = Math.max(2, Math.round(series / seriesOfPeer))
  const lines: string[] = []
  const growing: { readonly line: number; readonly step: number }[] = []
  const add = (name: string, labels: string, step: number): void => {
    if (step > 0) growing.push({ line: lines.length, step })
    lines.push(`${name}{${labels}} ${firstValue}`)
  }
  for (let peer = 0; peer < peers; peer++) {
    const step = peer < peers * busyShare ? 26 + (peer % 9) : 0
    const labels = peer % 2 === 0 ? callerLabels(peer) : calledLabels(peer)
    add('request_total', labels, step)
    const answered = `${labels},status_code="200"`
    add('response_total', `${answered},classification="success",grpc_status="",error=""`, step)
    for (const [index, le] of [...linkerdLatencyBoundsMs, '+Inf'].entries()) {
      add('response_latency_ms_bucket', `${answered},le="${le}"`, Math.min(step, index * 3))
    }
    for (const name of ['tcp_open_total', 'tcp_read_bytes_total', 'tcp_write_bytes_total']) {
      add(name, `${labels},peer="${peer % 2 === 0 ? 'src' : 'dst'}"`, step)
    }
  }
  lines.push(`process_start_time_seconds ${firstValue}`, '')
  const first = Buffer.from(lines.join('\n'))
  const ends: number[] = []
  for (let at = first.indexOf(10); at >= 0; at = first.indexOf(10, at + 1)) ends.push(at)
  return {
    samples: lines.length - 1,
    at(version) {
      const body = Buffer.from(first)
      for (const { line, step } of growing) {
        body.write(String(firstValue + step * version), (ends[line] ?? 0) - 10, 'latin1')
      }
      return body
    },
  }
}

function callerLabels(peer: number): string {
  return `direction="inbound",target_addr="10.1.0.2:8080",target_ip="10.1.0.2",target_port="8080",tls="true",client_id="app-${peer}.shop.serviceaccount.identity.linkerd.cluster.local",srv_group="policy.linkerd.io",srv_kind="server",srv_name="web-http"`
}

function calledLabels(peer: number): string {
  const name = `app-${peer}`
  return `direction="outbound",authority="${name}.shop.svc.cluster.local:80",target_addr="10.1.${peer >> 8}.${peer & 255}:8080",target_ip="10.1.${peer >> 8}.${peer & 255}",target_port="8080",tls="true",server_id="${name}.shop.serviceaccount.identity.linkerd.cluster.local",dst_control_plane_ns="linkerd",dst_namespace="shop",dst_service="${name}",dst_deployment="${name}",dst_pod="${name}-7d9fbb9d9f-x2x4z",dst_serviceaccount="${name}"`
}
