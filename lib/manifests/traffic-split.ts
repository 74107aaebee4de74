import { defineKind } from './manifest-kind.ts'
import { dnsSubdomain, quantity, serviceName } from './scalars.ts'
import { anything, list, object, optional, required } from './shape.ts'

export const trafficSplitKind = defineKind({
  kind: 'TrafficSplit',
  apiVersions: ['split.smi-spec.io/v1alpha1', 'split.smi-spec.io/v1alpha2'],
  name: dnsSubdomain,
  spec: required(
    object({
      service: required(serviceName),
      backends: required(list(object({ service: required(serviceName), weight: required(quantity) }), 1)),
    }),
  ),
  status: optional(anything),
  build: ({ meta, spec }, report) => {
    const names = spec.backends.map(backend => backend.service)
    const twice = names.findIndex((one, index) => names.indexOf(one) !== index)
    if (twice >= 0) {
      report(
        ['spec', 'backends', twice, 'service'],
        `expected each backend once, found ${names[twice]} twice`,
      )
      return undefined
    }
    return { namespace: meta.namespace, name: meta.name, service: spec.service, backends: spec.backends }
  },
  list: into => into.splits,
})
