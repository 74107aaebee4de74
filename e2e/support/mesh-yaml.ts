/** A pod of a test mesh. */
interface PodSpec {
  readonly name: string
  readonly namespace?: string
  /** Last number of its address in the subnet. */
  readonly host: number
  readonly meshed?: boolean
  readonly app?: string
  readonly annotations?: Readonly<Record<string, string>>
}

export interface MeshSpec {
  readonly subnet: string
  readonly pods: readonly PodSpec[]
  /** Each app gets a service of its name on port 80, unless it is left out here. */
  readonly services?: readonly string[]
  /** More YAML documents. */
  readonly more?: string
}

/** The mesh file of a test mesh: one deployment, service account and service for each app, in namespace `test`. */
export function meshYaml(spec: MeshSpec): string {
  const namespaces = new Set(spec.pods.map(pod => pod.namespace ?? 'test'))
  const documents: unknown[] = [...namespaces].map(name => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name },
  }))
  const services = new Map<string, string>()
  for (const pod of spec.pods) {
    const app = pod.app ?? pod.name
    const namespace = pod.namespace ?? 'test'
    if (!spec.services || spec.services.includes(app)) services.set(app, namespace)
    documents.push({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: pod.name,
        namespace,
        labels: {
          app,
          'linkerd.io/proxy-deployment': app,
          ...(pod.meshed !== false && { 'linkerd.io/control-plane-ns': 'linkerd' }),
        },
        ...(pod.annotations && { annotations: pod.annotations }),
      },
      spec: {
        serviceAccountName: app,
        containers: [{ name: 'app', ports: [{ containerPort: 8080 }] }],
      },
      status: { podIP: `${spec.subnet}.${pod.host}` },
    })
  }
  for (const [name, namespace] of services) {
    documents.push({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
    })
  }
  // JSON is YAML.
  return [...documents.map(document => JSON.stringify(document)), ...(spec.more ? [spec.more] : [])].join(
    '\n---\n',
  )
}
