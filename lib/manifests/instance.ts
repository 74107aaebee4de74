import { type OwnerKind, ownerKinds } from '#lib/resources/kinds.ts'
import { defaultProxyPorts, type ProxyPorts } from '#lib/resources/mesh-state.ts'
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

/** The zone an instance runs in, by the well-known label; `null` when it does not say. */
export function zoneOf(meta: Metadata): string | null {
  return meta.labels['topology.kubernetes.io/zone'] ?? null
}
