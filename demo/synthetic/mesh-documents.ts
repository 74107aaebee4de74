import type { SyntheticGraph, SyntheticWorkload } from './graph.ts'

/** The mesh file of a synthetic mesh, as text: namespaces, a service for whoever is called, and pods. */
export function meshDocuments({ workloads, flows }: SyntheticGraph): string {
  const namespaces = [...new Set(workloads.map(({ namespace }) => namespace))]
  const called = [...new Set(flows.map(({ destination }) => destination))]
  const documents: readonly unknown[] = [
    ...namespaces.map(name => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...called.map(({ namespace, name }) => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { selector: { app: name }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    })),
    ...workloads.map(pod),
  ]
  // JSON is YAML.
  return documents.map(document => JSON.stringify(document)).join('\n---\n')
}

function pod({ namespace, kind, name, ip, isMeshed }: SyntheticWorkload): unknown {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${name}-0`,
      namespace,
      labels: {
        app: name,
        [`linkerd.io/proxy-${kind}`]: name,
        ...(isMeshed && { 'linkerd.io/control-plane-ns': 'linkerd' }),
      },
    },
    spec: { serviceAccountName: name, containers: [{ name: 'app', ports: [{ containerPort: 8080 }] }] },
    status: { podIP: ip },
  }
}
