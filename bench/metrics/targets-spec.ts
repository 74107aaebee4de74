/** Proxies to be scraped: how many, and how much each says. */
export interface TargetsSpec {
  readonly count: number
  /** Of each. */
  readonly series: number
  /** Share of the peers whose counters grow, 0 to 1. */
  readonly busyShare: number
  /** How long a version of what they say lasts: the interval of the scrapes. */
  readonly intervalMs: number
  readonly port: number
  /** The first two numbers of their addresses. */
  readonly network: string
}

/** The address of the target at `index`, 0 to 60,000. */
export function targetAddress({ network }: TargetsSpec, index: number): string {
  return `${network}.${1 + Math.floor(index / 250)}.${2 + (index % 250)}`
}

/** The mesh of the targets, each the only instance of its deployment, as a mesh file. JSON is YAML. */
export function meshFile(spec: TargetsSpec): string {
  const pods = Array.from({ length: spec.count }, (_, index) => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `app-${index}-0`,
      namespace: 'shop',
      labels: { 'linkerd.io/proxy-deployment': `app-${index}`, 'linkerd.io/control-plane-ns': 'linkerd' },
      annotations: { 'config.linkerd.io/admin-port': String(spec.port) },
    },
    spec: {
      serviceAccountName: `app-${index}`,
      containers: [{ name: 'app', ports: [{ containerPort: 8080 }] }],
    },
    status: { podIP: targetAddress(spec, index) },
  }))
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } }
  return [namespace, ...pods].map(document => JSON.stringify(document)).join('\n---\n')
}

/** The same as a configuration of Prometheus, which adds the labels that it would have from discovery. */
export function prometheusConfig(spec: TargetsSpec): string {
  return JSON.stringify({
    global: { scrape_interval: `${spec.intervalMs}ms`, scrape_timeout: `${spec.intervalMs}ms` },
    scrape_configs: [
      {
        job_name: 'linkerd-proxy',
        static_configs: Array.from({ length: spec.count }, (_, index) => ({
          targets: [`${targetAddress(spec, index)}:${spec.port}`],
          labels: { namespace: 'shop', deployment: `app-${index}`, pod: `app-${index}-0` },
        })),
      },
    ],
  })
}
