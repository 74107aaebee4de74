import type { MeshState, Namespace } from '#lib/resources/mesh-state.ts'
import { meshTlsAuthenticationKind, networkAuthenticationKind } from './authentications.ts'
import { authorizationPolicyKind } from './authorization-policy.ts'
import { type Collected, collectNothing, type Found } from './collected.ts'
import { externalWorkloadKind } from './external-workload.ts'
import { formatFieldPath } from './field-path.ts'
import { grpcRouteKind } from './grpc-route.ts'
import { httpRouteKind } from './http-route.ts'
import { checkInstances } from './instance-checks.ts'
import type { ManifestKind } from './manifest-kind.ts'
import { type Manifest, type ManifestCache, type Place, readManifests } from './manifest-text.ts'
import type { MeshSettings } from './mesh-settings.ts'
import { namespaceKind } from './namespace.ts'
import { nearest } from './nearest.ts'
import { podKind } from './pod.ts'
import { type Problem, sortProblems } from './problem.ts'
import { rateLimitKind } from './rate-limit.ts'
import { checkReferences } from './references.ts'
import { serverKind } from './server.ts'
import { serverAuthorizationKind } from './server-authorization.ts'
import { serviceKind } from './service.ts'
import { serviceProfileKind } from './service-profile.ts'
import { found, type Report } from './shape.ts'
import { trafficSplitKind } from './traffic-split.ts'

export type Loaded =
  | { readonly state: Omit<MeshState, 'revision'> }
  | { readonly problems: readonly [Problem, ...Problem[]] }

const kinds: readonly ManifestKind[] = [
  namespaceKind,
  serviceKind,
  serviceProfileKind,
  trafficSplitKind,
  podKind,
  externalWorkloadKind,
  serverKind,
  serverAuthorizationKind,
  authorizationPolicyKind,
  meshTlsAuthenticationKind,
  networkAuthenticationKind,
  httpRouteKind,
  grpcRouteKind,
  rateLimitKind,
]
const kindsByName = new Map(kinds.map(kind => [kind.kind, kind]))

/** Past this many the rest says nothing new. */
const maxProblems = 1000

/**
 * The mesh that a set of YAML files describes, or everything that is wrong with them. A file may hold several
 * documents, and a document a `List`. Never throws, whatever the texts. `cache` remembers from load to load what
 * documents say; afterwards it holds those of this one.
 */
export function loadManifests(
  files: readonly { readonly name: string; readonly text: string }[],
  settings: MeshSettings,
  cache: ManifestCache = new Map(),
): Loaded {
  const problems: Problem[] = []
  const collected = collectNothing()
  const written = new Map<string, () => string>()
  const met: ManifestCache = new Map()
  for (const file of files) {
    const { manifests, problems: unreadable } = readManifests(file.name, file.text, cache, met)
    problems.push(...unreadable.slice(0, maxProblems))
    for (const manifest of manifests) readManifest(manifest, settings, collected, written, problems)
  }
  cache.clear()
  for (const [text, read] of met) cache.set(text, read)
  checkInstances(collected.instances)
  const isWritten = (kind: string, namespace: string, name: string): boolean =>
    written.has(`${kind} ${namespace}/${name}`)
  checkReferences(collected, isWritten, settings)
  const [first, ...rest] = sortProblems(problems)
  if (first !== undefined) return { problems: [first, ...rest] }
  return { state: assemble(collected, settings) }
}

function readManifest(
  manifest: Manifest,
  settings: MeshSettings,
  collected: Collected,
  written: Map<string, () => string>,
  problems: Problem[],
): void {
  const root = manifest.value
  if (isRecord(root) && root.kind === 'List' && Array.isArray(root.items)) {
    for (const [index, item] of root.items.entries()) readObject(item, ['items', index])
  } else readObject(root, [])

  function readObject(value: unknown, base: readonly (string | number)[]): void {
    const { kind, namespace, name } = nameOf(value)
    const known = typeof kind === 'string' ? kindsByName.get(kind) : undefined
    const id = known?.namespaced === false ? `/${name}` : `${namespace}/${name}`
    const title = known && name ? `${known.kind} ${id.replace(/^\//, '')}` : ''
    const report: Report = (path, message, part = 'value') => {
      if (problems.length >= maxProblems) return
      const full = [...base, ...path]
      const place = manifest.locate(full, part)
      problems.push({ file: manifest.file, ...place, object: title, field: formatFieldPath(full), message })
    }
    if (!isRecord(value)) {
      report([], `expected an object, found ${found(value)}`)
      return
    }
    if (known === undefined) {
      const guess = typeof kind === 'string' ? nearest(kind, [...kindsByName.keys()]) : undefined
      const hint = guess ? `; perhaps ${guess}` : ''
      report(['kind'], `expected one of ${[...kindsByName.keys()].join(', ')}, found ${found(kind)}${hint}`)
      return
    }
    if (!known.apiVersions.some(version => version === value.apiVersion)) {
      const expected = known.apiVersions.join(' or ')
      report(['apiVersion'], `expected ${expected} for ${known.kind}, found ${found(value.apiVersion)}`)
      return
    }
    if (name) {
      const key = `${known.kind} ${id}`
      const earlier = written.get(key)
      if (earlier === undefined) {
        const place = (): Place => manifest.locate([...base, 'metadata', 'name'], 'value')
        written.set(key, () => `${manifest.file}:${place().line}`)
      } else report(['metadata', 'name'], `expected a name of its own, found one that ${earlier()} has`)
    }
    known.read(value, report, settings, collected)
  }
}

function nameOf(value: unknown): { kind: unknown; namespace: string; name: string } {
  const metadata = isRecord(value) && isRecord(value.metadata) ? value.metadata : {}
  const { name, namespace } = metadata
  return {
    kind: isRecord(value) ? value.kind : undefined,
    namespace: typeof namespace === 'string' && namespace !== '' ? namespace : 'default',
    name: typeof name === 'string' ? name : '',
  }
}

function assemble(collected: Collected, settings: MeshSettings): Omit<MeshState, 'revision'> {
  const values = <T>(items: readonly Found<T>[]): T[] => items.map(item => item.value)
  const namespaces = new Map<string, Namespace>()
  for (const { value } of collected.namespaces) namespaces.set(value.name, value)
  for (const { value } of [...collected.services, ...collected.instances]) {
    if (!namespaces.has(value.namespace)) {
      namespaces.set(value.namespace, { name: value.namespace, annotations: {} })
    }
  }
  return {
    trustDomain: settings.trustDomain,
    clusterDomain: settings.clusterDomain,
    controlPlaneNamespace: settings.controlPlaneNamespace,
    namespaces: [...namespaces.values()],
    services: values(collected.services),
    instances: values(collected.instances),
    profiles: values(collected.profiles),
    splits: values(collected.splits),
    policies: {
      servers: values(collected.servers),
      serverAuthorizations: values(collected.serverAuthorizations),
      authorizationPolicies: values(collected.authorizationPolicies),
      meshTlsAuthentications: values(collected.meshTlsAuthentications),
      networkAuthentications: values(collected.networkAuthentications),
      httpRoutes: values(collected.httpRoutes),
      grpcRoutes: values(collected.grpcRoutes),
      rateLimits: values(collected.rateLimits),
    },
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
