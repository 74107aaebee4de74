import { type OwnerKind, ownerKinds } from '#lib/resources/kinds.ts'
import { defaultProxyPorts, type ProxyPorts } from '#lib/resources/mesh-state.ts'
import { defaultPolicyNames } from '#lib/resources/policy-objects.ts'
import type { WorkloadRef } from '#lib/resources/resource-ref.ts'
import type { Metadata } from './metadata.ts'
import { found, type Report } from './shape.ts'

/** Present on pods with a proxy; its value is the control plane's namespace. */
export const meshedLabel = 'linkerd.io/control-plane-ns'

/** The workload that Linkerd's label `linkerd.io/proxy-<kind>` names; without one, the pod itself. */
export function ownerOf(meta: Metadata): WorkloadRef {
  for (const kind of ownerKinds) {
    const name = meta.labels[ownerLabelKey(kind)]
    if (name) return { namespace: meta.namespace, kind, name }
  }
  return { namespace: meta.namespace, kind: 'pod', name: meta.name }
}

function ownerLabelKey(kind: OwnerKind): string {
  return `linkerd.io/proxy-${kind}`
}

/** Ports of the instance's proxy by its annotations `config.linkerd.io/<name>-port`; `undefined` for a bad one. */
export function proxyPortsOf(meta: Metadata, report: Report): ProxyPorts | undefined {
  const ports: Record<keyof ProxyPorts, number> = { ...defaultProxyPorts }
  let whole = true
  for (const name of ['inbound', 'outbound', 'control', 'admin'] as const) {
    const key = `config.linkerd.io/${name}-port`
    const value = meta.annotations[key]
    if (value === undefined) continue
    ports[name] = Number(value)
    if (/^\d{1,5}$/.test(value) && ports[name] >= 1 && ports[name] <= 65_535) continue
    report(['metadata', 'annotations', key], `expected a port from 1 to 65535, found ${found(value)}`)
    whole = false
  }
  return whole ? ports : undefined
}

const policyAnnotation = 'config.linkerd.io/default-inbound-policy'
const opaquePortsAnnotation = 'config.linkerd.io/opaque-ports'

/**
 * Whether the annotations that decide on traffic can be read; what cannot is reported, since a policy that is
 * misspelt would leave its ports to the default one.
 */
export function checkTrafficAnnotations(meta: Metadata, report: Report): boolean {
  const refuse = (key: string, expected: string, value: string): false => {
    report(['metadata', 'annotations', key], `expected ${expected}, found ${found(value)}`)
    return false
  }
  const policy = meta.annotations[policyAnnotation]
  const opaque = meta.annotations[opaquePortsAnnotation]
  const policyIsKnown = policy === undefined || defaultPolicyNames.some(name => name === policy)
  const opaqueIsRead = opaque === undefined || opaque.split(',').every(isPortItem)
  return [
    policyIsKnown || refuse(policyAnnotation, `one of ${defaultPolicyNames.join(', ')}`, policy),
    opaqueIsRead || refuse(opaquePortsAnnotation, 'ports, ranges or port names, as in 25,8000-8010', opaque),
  ].every(Boolean)
}

function isPortItem(item: string): boolean {
  const text = item.trim()
  const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text) ?? []
  if (from === undefined) return text === '' || /^[a-z][-a-z0-9]{0,62}$/.test(text)
  return Number(from) >= 1 && Number(from) <= Number(to) && Number(to) <= 65_535
}

/** The zone an instance runs in, by the well-known label; `null` when it does not say. */
export function zoneOf(meta: Metadata): string | null {
  return meta.labels['topology.kubernetes.io/zone'] ?? null
}
