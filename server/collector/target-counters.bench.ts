import { Buffer } from 'node:buffer'
import { bench, describe } from 'vitest'
import { linkerdLatencyBoundsMs } from '#lib/metrics/linkerd-buckets.ts'
import { defaultProxyPorts, type Instance } from '#lib/resources/mesh-state.ts'
import { allAtOnce } from './pieces.ts'
import { TargetCounters } from './target-counters.ts'

const web: Instance = {
  namespace: 'shop',
  name: 'web-0',
  ip: '127.18.0.2',
  workload: { namespace: 'shop', kind: 'deployment', name: 'web' },
  serviceAccount: 'web',
  labels: {},
  annotations: {},
  meshed: true,
  identity: null,
  controlPlaneNamespace: null,
  zone: null,
  ports: [],
  proxyPorts: defaultProxyPorts,
}

/** Peers with one label set each, and the series that linkerd2-proxy prints for it. */
const peers = 30
const samples = peers * 33 + 11

function exposition(scrape: number, busyPeers: number): Buffer {
  const lines: string[] = []
  const each = (name: string, rest: (peer: number) => [string, number][]) => {
    lines.push(`# HELP ${name} What it counts.`, `# TYPE ${name} counter`)
    for (let peer = 0; peer < peers; peer++) {
      const labels = `direction="outbound",authority="svc-${peer}.shop.svc.cluster.local:80",target_addr="10.1.0.${peer}:8080",target_ip="10.1.0.${peer}",target_port="8080",tls="true",server_id="svc-${peer}.shop.serviceaccount.identity.linkerd.cluster.local",dst_namespace="shop",dst_service="svc-${peer}",dst_deployment="svc-${peer}",dst_pod="svc-${peer}-7d9f-x2x4z",dst_serviceaccount="svc-${peer}"`
      const count = 100_000 + (peer < busyPeers ? scrape * 10 : 0)
      for (const [more, share] of rest(peer))
        lines.push(`${name}{${labels}${more}} ${Math.floor(count * share)}`)
    }
  }
  each('request_total', () => [['', 1]])
  each('response_total', () => [[',status_code="200",classification="success",grpc_status="",error=""', 1]])
  each('response_latency_ms', () =>
    [...linkerdLatencyBoundsMs, '+Inf'].map((le, i) => [
      `,status_code="200",le="${le}"`,
      Math.min(1, i / 12),
    ]),
  )
  lines.splice(
    0,
    lines.length,
    ...lines.map(line => line.replace('response_latency_ms{', 'response_latency_ms_bucket{')),
  )
  for (const name of [
    'tcp_open_total',
    'tcp_open_connections',
    'tcp_read_bytes_total',
    'tcp_write_bytes_total',
    'tcp_close_total',
  ]) {
    each(name, () => [[',peer="dst"', 1]])
  }
  for (let i = 0; i < 10; i++) lines.push(`process_something_${i} ${scrape}`)
  lines.push('process_start_time_seconds 1700000000.5', '# EOF', '')
  return Buffer.from(lines.join('\n'))
}

describe(`apply() of ${samples} samples, ${Math.round(exposition(0, 0).length / 1_024)} KiB`, () => {
  const first = exposition(0, 0)
  bench('of a new target', () => {
    allAtOnce(new TargetCounters(web, 0).apply(first, 1))
  })
  for (const busyPeers of [0, 3, peers]) {
    const scrapes = Array.from({ length: 50 }, (_, i) => exposition(i, busyPeers))
    const counters = new TargetCounters(web, 0)
    let at = 0
    bench(`with ${busyPeers} of ${peers} peers busy`, () => {
      allAtOnce(counters.apply(scrapes[at++ % scrapes.length]!, at * 5_000))
    })
  }
})
