import { identityName } from '#lib/resources/identity-name.ts'
import { ipAddress } from './address.ts'
import { checkTrafficAnnotations, meshedLabel, ownerOf, proxyPortsOf, zoneOf } from './instance.ts'
import { defineKind } from './manifest-kind.ts'
import { containerUnread, podSpecUnread, podStatusUnread } from './pod-fields.ts'
import { probe, probesOf } from './probe.ts'
import { dnsLabel, dnsSubdomain, oneOf, port, text } from './scalars.ts'
import { found, list, object, optional, required } from './shape.ts'

const containerPort = object(
  {
    name: optional(dnsLabel),
    containerPort: required(port),
    protocol: optional(oneOf('TCP', 'UDP', 'SCTP')),
  },
  ['hostIP', 'hostPort'],
)

const container = object(
  {
    ports: optional(list(containerPort)),
    livenessProbe: optional(probe),
    readinessProbe: optional(probe),
    startupProbe: optional(probe),
  },
  containerUnread,
)

const spec = object(
  { serviceAccountName: optional(dnsSubdomain), containers: optional(list(container)) },
  podSpecUnread,
)

const status = object({ podIP: optional(ipAddress), phase: optional(text) }, podStatusUnread)

export const podKind = defineKind({
  kind: 'Pod',
  apiVersions: ['v1'],
  name: dnsSubdomain,
  spec: optional(spec),
  status: optional(status),
  build: ({ meta, spec, status }, report, settings) => {
    const proxyPorts = proxyPortsOf(meta, report)
    const annotationsAreRead = checkTrafficAnnotations(meta, report)
    const controlPlane = meta.labels[meshedLabel] ?? null
    if (controlPlane !== null && controlPlane !== settings.controlPlaneNamespace) {
      const expected = `${settings.controlPlaneNamespace}, this mesh's control-plane namespace`
      report(['metadata', 'labels', meshedLabel], `expected ${expected}, found ${found(controlPlane)}`)
      return undefined
    }
    // A pod that has ended runs no copy of anything, and its address may be another's by now.
    const ended = status?.phase === 'Succeeded' || status?.phase === 'Failed'
    if (proxyPorts === undefined || !annotationsAreRead || ended) return undefined
    const serviceAccount = spec?.serviceAccountName ?? 'default'
    const ports = (spec?.containers ?? [])
      .flatMap(one => one.ports ?? [])
      .filter(({ protocol }) => (protocol ?? 'TCP') === 'TCP')
    return {
      namespace: meta.namespace,
      name: meta.name,
      ip: status?.podIP ?? '',
      workload: ownerOf(meta),
      serviceAccount,
      labels: meta.labels,
      annotations: meta.annotations,
      meshed: controlPlane !== null,
      identity:
        controlPlane === null
          ? null
          : identityName({
              serviceAccount,
              namespace: meta.namespace,
              controlPlaneNamespace: controlPlane,
              trustDomain: settings.trustDomain,
            }),
      controlPlaneNamespace: controlPlane,
      zone: zoneOf(meta),
      probes: (spec?.containers ?? []).flatMap(probesOf),
      ports: ports.map(one => ({ name: one.name ?? null, port: one.containerPort })),
      proxyPorts,
    }
  },
  list: into => into.instances,
})
