import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { linkerdLatencyBoundsMs } from '#lib/metrics/linkerd-buckets.ts'

/** Pods whose proxies are this process's: they count as fast as they are told to, and print it. */
export class CountingPods {
  readonly #pods: { readonly name: string; readonly server: Server; counted: number; scrapes: number }[] = []
  readonly #startedAtMs: number
  #perScrape = 0

  constructor(startedAtMs: number) {
    this.#startedAtMs = startedAtMs
  }

  /** Starts a pod at each address. */
  async start(...addresses: string[]): Promise<void> {
    for (const [i, address] of addresses.entries()) {
      const name = `web-${i}`
      const server = createServer((_, response) => {
        pod.counted += this.#perScrape
        pod.scrapes++
        response.end(expositionOf(pod.counted, this.#startedAtMs))
      })
      const pod = { name, server, counted: 0, scrapes: 0 }
      this.#pods.push(pod)
      await new Promise<void>(done => server.listen(0, address, done))
    }
  }

  /** From now on each scrape finds that so many more requests were counted, on each of two ports. */
  countPerScrape(requests: number): void {
    this.#perScrape = requests
  }

  /** How often the least scraped of them was. */
  get scrapes(): number {
    return Math.min(...this.#pods.map(({ scrapes }) => scrapes))
  }

  /** Requests that each counted on each of its two ports. */
  counted(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#pods.map(({ name, counted }) => [name, counted]))
  }

  /** The mesh file that names them. */
  meshFile(): string {
    return this.#pods
      .map(({ name, server }) => {
        const { address, port } = server.address() as AddressInfo
        return podManifest(name, address, port)
      })
      .join('\n---\n')
  }

  async close(): Promise<void> {
    for (const { server } of this.#pods) {
      server.closeAllConnections()
      await new Promise(done => server.close(done))
    }
  }
}

/** A meshed pod of `shop/web`, as a mesh file says it. */
export function podManifest(name: string, address: string, adminPort: number): string {
  return [
    'apiVersion: v1',
    'kind: Pod',
    'metadata:',
    `  name: ${name}`,
    '  namespace: shop',
    '  labels: { linkerd.io/proxy-deployment: web, linkerd.io/control-plane-ns: linkerd }',
    `  annotations: { config.linkerd.io/admin-port: "${adminPort}" }`,
    `status: { podIP: ${address} }`,
  ].join('\n')
}

function expositionOf(counted: number, startedAtMs: number): string {
  const lines = [`process_start_time_seconds ${startedAtMs / 1_000}`]
  for (const port of ['8080', '9090']) {
    const labels = `direction="inbound",target_port="${port}",tls="true",client_id="a"`
    lines.push(`response_total{${labels},status_code="200",classification="success"} ${counted}`)
    for (const boundMs of [...linkerdLatencyBoundsMs, '+Inf']) {
      lines.push(`response_latency_ms_bucket{${labels},status_code="200",le="${boundMs}"} ${counted}`)
    }
  }
  return `${lines.join('\n')}\n# EOF\n`
}
