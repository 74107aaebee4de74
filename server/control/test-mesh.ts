/** YAML of a small mesh for tests: `web` (meshed, two pods in two zones), `catalog`, and `batch`, which is not meshed. */
export function webPod(number: number, zone: string, extra = ''): string {
  return `apiVersion: v1
kind: Pod
metadata:
  name: web-${number}
  namespace: shop
  labels:
    app: web
    linkerd.io/control-plane-ns: linkerd
    linkerd.io/proxy-deployment: web
    topology.kubernetes.io/zone: ${zone}
${extra}
spec:
  serviceAccountName: web
  containers: [{ name: app, ports: [{ name: http, containerPort: 8080 }] }]
status: { podIP: 127.18.0.${number} }
`
}

export const webService = `apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec:
  clusterIP: 10.96.0.1
  selector: { app: web }
  ports: [{ port: 80, targetPort: http }, { port: 5432, targetPort: 5432 }]
`

export const batchPod = `apiVersion: v1
kind: Pod
metadata:
  name: batch-1
  namespace: batch
  labels: { app: batch, linkerd.io/proxy-job: nightly }
spec: { containers: [{ name: app, ports: [{ containerPort: 9000 }] }] }
status: { podIP: 127.18.1.1 }
`

export const batchService = `apiVersion: v1
kind: Service
metadata: { name: batch, namespace: batch }
spec: { selector: { app: batch }, ports: [{ port: 80, targetPort: 9000 }] }
`

export const webIdentity = 'web.shop.serviceaccount.identity.linkerd.cluster.local'

/** The documents as one file. */
export function mesh(...documents: string[]): string {
  return documents.join('---\n')
}
