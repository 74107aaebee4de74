/** What requests are counted under that match no route of the profile. */
export const defaultRoute = '[DEFAULT]'

/** The same in a sentence. */
export const defaultMeaning = 'Requests that match no route of the ServiceProfile'

/** A ServiceProfile to begin with: it names one route of the service. */
export function profileExample({
  namespace,
  name,
}: {
  readonly namespace: string
  readonly name: string
}): string {
  return `apiVersion: linkerd.io/v1alpha2
kind: ServiceProfile
metadata:
  name: ${name}.${namespace}.svc.cluster.local
  namespace: ${namespace}
spec:
  routes:
    - name: GET /items/{id}
      condition:
        method: GET
        pathRegex: /items/[^/]+
`
}
