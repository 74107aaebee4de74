import { defaultPolicyNames } from '#lib/resources/policy-objects.ts'
import { defineKind } from './manifest-kind.ts'
import { labelSelector, policyGroup } from './policy-fields.ts'
import { dnsSubdomain, oneOf, portOrName } from './scalars.ts'
import { anything, object, optional, required } from './shape.ts'

const spec = object({
  podSelector: optional(labelSelector),
  externalWorkloadSelector: optional(labelSelector),
  port: required(portOrName),
  proxyProtocol: optional(oneOf('unknown', 'HTTP/1', 'HTTP/2', 'gRPC', 'opaque', 'TLS')),
  accessPolicy: optional(oneOf(...defaultPolicyNames)),
})

export const serverKind = defineKind({
  kind: 'Server',
  apiVersions: ['v1beta3', 'v1beta2', 'v1beta1', 'v1alpha1'].map(version => `${policyGroup}/${version}`),
  name: dnsSubdomain,
  spec: required(spec),
  status: optional(anything),
  build: ({ meta, spec }, report) => {
    const { podSelector, externalWorkloadSelector } = spec
    const selector = podSelector ?? externalWorkloadSelector
    if (selector === undefined || (podSelector && externalWorkloadSelector)) {
      const which = selector === undefined ? 'neither' : 'both'
      report(['spec'], `expected either podSelector or externalWorkloadSelector, found ${which}`)
      return undefined
    }
    return {
      namespace: meta.namespace,
      name: meta.name,
      labels: meta.labels,
      selects: podSelector ? ('pods' as const) : ('external-workloads' as const),
      selector,
      port: spec.port,
      proxyProtocol: spec.proxyProtocol ?? ('unknown' as const),
      accessPolicy: spec.accessPolicy ?? ('deny' as const),
    }
  },
  list: into => into.servers,
})
