import { parseIdentityName } from '#lib/resources/identity-name.ts'
import { ipAddress } from './address.ts'
import { checkTrafficAnnotations, ownerOf, proxyPortsOf, zoneOf } from './instance.ts'
import { defineKind } from './manifest-kind.ts'
import { dnsLabel, dnsSubdomain, oneOf, port } from './scalars.ts'
import { anything, list, object, optional, required } from './shape.ts'

const spec = object({
  meshTLS: required(object({ identity: required(dnsSubdomain), serverName: required(dnsSubdomain) })),
  ports: optional(
    list(
      object({
        name: optional(dnsLabel),
        port: required(port),
        protocol: optional(oneOf('TCP', 'UDP', 'SCTP')),
      }),
    ),
  ),
  workloadIPs: optional(list(object({ ip: required(ipAddress) }), 0, 2)),
})

/** A workload outside the cluster; always meshed, under the identity it names. */
export const externalWorkloadKind = defineKind({
  kind: 'ExternalWorkload',
  apiVersions: ['workload.linkerd.io/v1beta1', 'workload.linkerd.io/v1alpha1'],
  name: dnsSubdomain,
  spec: required(spec),
  status: optional(anything),
  build: ({ meta, spec }, report, settings) => {
    const proxyPorts = proxyPortsOf(meta, report)
    if (!checkTrafficAnnotations(meta, report) || proxyPorts === undefined) return undefined
    const ports = (spec.ports ?? []).filter(({ protocol }) => (protocol ?? 'TCP') === 'TCP')
    return {
      namespace: meta.namespace,
      name: meta.name,
      ip: spec.workloadIPs?.[0]?.ip ?? '',
      workload: ownerOf(meta),
      serviceAccount: parseIdentityName(spec.meshTLS.identity)?.serviceAccount ?? 'default',
      labels: meta.labels,
      annotations: meta.annotations,
      meshed: true,
      identity: spec.meshTLS.identity,
      controlPlaneNamespace: settings.controlPlaneNamespace,
      zone: zoneOf(meta),
      ports: ports.map(one => ({ name: one.name ?? null, port: one.port })),
      proxyPorts,
    }
  },
  list: into => into.instances,
})
