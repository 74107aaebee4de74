import { bench } from 'vitest'
import { readExposition } from './exposition-reader.ts'
import { linkerdLatencyBoundsMs } from './linkerd-buckets.ts'

const labels =
  'direction="outbound",authority="users.shop.svc.cluster.local:80",target_addr="10.1.0.5:8080",target_ip="10.1.0.5",target_port="8080",tls="true",server_id="users.shop.serviceaccount.identity.linkerd.cluster.local",dst_namespace="shop",dst_service="users",dst_deployment="users",dst_pod="users-7d9f-x2x4z",dst_serviceaccount="users"'
const lines = Array.from({ length: 40 }, (_, status) =>
  [...linkerdLatencyBoundsMs, '+Inf'].map(
    (le, i) =>
      `response_latency_ms_bucket{${labels},status_code="${status}",le="${le}"} ${i * 1_000 + status}`,
  ),
).flat()
const body = new TextEncoder().encode(`${lines.join('\n')}\n# EOF\n`)

bench(`readExposition() of ${lines.length} samples, ${Math.round(body.length / 1_024)} KiB`, () => {
  readExposition(body)
})
