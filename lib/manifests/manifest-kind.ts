import type { Collected, Found } from './collected.ts'
import type { MeshSettings } from './mesh-settings.ts'
import { type Metadata, metadata } from './metadata.ts'
import { text } from './scalars.ts'
import { type Field, object, type Report, required, type Shape } from './shape.ts'

/** How objects of one kind are read. */
export interface ManifestKind {
  readonly kind: string
  readonly apiVersions: readonly string[]
  readonly namespaced: boolean
  /** Adds the object to what was collected, or reports why not. */
  read(value: unknown, report: Report, settings: MeshSettings, into: Collected): void
}

interface Definition<Spec, Status, SpecRequired extends boolean, T> {
  readonly kind: string
  readonly apiVersions: readonly string[]
  readonly namespaced?: boolean
  readonly name: Shape<string>
  readonly spec: Field<Spec, SpecRequired>
  readonly status: Field<Status, false>
  /** The typed object; `undefined` after reporting what speaks against it. */
  build(
    object: {
      readonly apiVersion: string
      readonly meta: Metadata
      readonly spec: SpecRequired extends true ? Spec : Spec | undefined
      readonly status: Status | undefined
    },
    report: Report,
    settings: MeshSettings,
  ): T | undefined
  list(into: Collected): Found<T>[]
}

/** A kind from its parts. A namespaced object that does not name its namespace lies in `default`. */
export function defineKind<Spec, Status, SpecRequired extends boolean, T>(
  definition: Definition<Spec, Status, SpecRequired, T>,
): ManifestKind {
  const namespaced = definition.namespaced ?? true
  const shape = object({
    apiVersion: required(text),
    kind: required(text),
    metadata: required(metadata(definition.name)),
    spec: definition.spec,
    status: definition.status,
  })
  return {
    kind: definition.kind,
    apiVersions: definition.apiVersions,
    namespaced,
    read(value, report, settings, into) {
      const read = shape(value, [], report)
      if (read === undefined) return
      const namespace = namespaced ? read.metadata.namespace || 'default' : ''
      const { apiVersion } = read
      const parts = {
        apiVersion,
        meta: { ...read.metadata, namespace },
        spec: read.spec,
        status: read.status,
      }
      const built = definition.build(parts, report, settings)
      if (built !== undefined) definition.list(into).push({ value: built, report })
    },
  }
}
