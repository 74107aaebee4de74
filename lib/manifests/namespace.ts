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
  build: ({ meta }) => ({ name: meta.name, annotations: meta.annotations }),
  list: into => into.namespaces,
})
