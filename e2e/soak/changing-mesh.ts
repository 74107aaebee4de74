import { readFileSync, renameSync, writeFileSync } from 'node:fs'

interface Resource {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> }
}

const AUTHENTICATED = [
  {
    apiVersion: 'policy.linkerd.io/v1beta1',
    kind: 'Server',
    metadata: { name: 'app', namespace: 'test' },
    spec: { podSelector: { matchLabels: { app: 'server' } }, port: 8080, proxyProtocol: 'HTTP/1' },
  },
  {
    apiVersion: 'policy.linkerd.io/v1beta1',
    kind: 'ServerAuthorization',
    metadata: { name: 'app', namespace: 'test' },
    spec: { server: { name: 'app' }, client: { meshTLS: { identities: ['*'] } } },
  },
]

/** Writes a mesh file anew: each turn with another endpoint gone, other weights of the split and another policy. */
export function changingMesh(meshFile: string, podThatComesAndGoes: string): { turn(): void } {
  const documents = readFileSync(meshFile, 'utf8')
    .split('\n---\n')
    .map((text): Resource => JSON.parse(text))
  let turns = 0
  return {
    turn() {
      turns++
      const isGone = turns % 2 === 1
      const present = documents.map(resource =>
        isGone && resource.kind === 'Pod' && resource.metadata.name === podThatComesAndGoes
          ? {
              ...resource,
              metadata: { ...resource.metadata, labels: { ...resource.metadata.labels, app: 'away' } },
            }
          : resource,
      )
      const split = {
        apiVersion: 'split.smi-spec.io/v1alpha2',
        kind: 'TrafficSplit',
        metadata: { name: 'server', namespace: 'test' },
        spec: {
          service: 'server',
          backends: [
            { service: 'server', weight: 10 + ((turns * 30) % 90) },
            { service: 'canary', weight: turns % 5 === 0 ? 0 : 20 },
          ],
        },
      }
      const policies = turns % 3 === 0 ? AUTHENTICATED : []
      const text = [...present, split, ...policies].map(resource => JSON.stringify(resource)).join('\n---\n')
      writeFileSync(`${meshFile}.new`, text)
      renameSync(`${meshFile}.new`, meshFile)
    },
  }
}
