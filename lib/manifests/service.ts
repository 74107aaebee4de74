import { ipAddress } from './address.ts'
import { checkTrafficAnnotations } from './instance.ts'
import { defineKind } from './manifest-kind.ts'
import type { Metadata } from './metadata.ts'
import { dnsLabel, oneOf, port, portOrName, serviceName, text } from './scalars.ts'
import {
  anything,
  found,
  list,
  object,
  optional,
  type Report,
  record,
  required,
  type Shape,
} from './shape.ts'
import { outboundPolicyOf } from './traffic-annotations.ts'

const clusterIp: Shape<string> = (value, path, report) =>
  value === 'None' || value === '' ? '' : ipAddress(value, path, report)

const servicePort = object(
  {
    name: optional(dnsLabel),
    port: required(port),
    targetPort: optional(portOrName),
    protocol: optional(oneOf('TCP', 'UDP', 'SCTP')),
  },
  ['appProtocol', 'nodePort'],
)

const spec = object(
  {
    clusterIP: optional(clusterIp),
    selector: optional(record(text)),
    ports: optional(list(servicePort)),
  },
  [
    'allocateLoadBalancerNodePorts',
    'clusterIPs',
    'externalIPs',
    'externalName',
    'externalTrafficPolicy',
    'healthCheckNodePort',
    'internalTrafficPolicy',
    'ipFamilies',
    'ipFamilyPolicy',
    'loadBalancerClass',
    'loadBalancerIP',
    'loadBalancerSourceRanges',
    'publishNotReadyAddresses',
    'sessionAffinity',
    'sessionAffinityConfig',
    'trafficDistribution',
    'type',
  ],
)

/** Whether the annotations that tell clients how to use the service can be read; what cannot is reported. */
function checkClientAnnotations(meta: Metadata, report: Report): boolean {
  let isWhole = true
  outboundPolicyOf(meta.annotations, (key, expected) => {
    report(['metadata', 'annotations', key], `expected ${expected}, found ${found(meta.annotations[key])}`)
    isWhole = false
  })
  return isWhole
}

export const serviceKind = defineKind({
  kind: 'Service',
  apiVersions: ['v1'],
  name: serviceName,
  spec: required(spec),
  status: optional(anything),
  build: ({ meta, spec }, report) => {
    if (!checkTrafficAnnotations(meta, report) || !checkClientAnnotations(meta, report)) return undefined
    const ports = (spec.ports ?? []).filter(({ protocol }) => (protocol ?? 'TCP') === 'TCP')
    const twice = ports.findIndex((one, index) => ports.findIndex(other => other.port === one.port) !== index)
    if (twice >= 0) {
      report(['spec', 'ports'], `expected each port once, found ${ports[twice]?.port} twice`)
      return undefined
    }
    return {
      namespace: meta.namespace,
      name: meta.name,
      clusterIp: spec.clusterIP || null,
      selector: spec.selector ?? {},
      ports: ports.map(one => ({
        name: one.name ?? null,
        port: one.port,
        targetPort: one.targetPort ?? one.port,
      })),
      annotations: meta.annotations,
    }
  },
  list: into => into.services,
})
