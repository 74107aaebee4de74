import { checkTrafficAnnotations } from './instance.ts'
import { defineKind } from './manifest-kind.ts'
import { dnsLabel } from './scalars.ts'
import { anything, optional } from './shape.ts'

export const namespaceKind = defineKind({
  kind: 'Namespace',
  apiVersions: ['v1'],
  namespaced: false,
  name: dnsLabel,
  spec: optional(anything),
  status: optional(anything),
  build: ({ meta }, report) =>
    checkTrafficAnnotations(meta, report) ? { name: meta.name, annotations: meta.annotations } : undefined,
  list: into => into.namespaces,
})
