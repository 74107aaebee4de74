import type { PolicyObjects } from './policy-objects.ts'
import type { WorkloadRef } from './resource-ref.ts'
import type { ServiceProfile } from './service-profile.ts'
import type { TrafficSplit } from './traffic-split.ts'

/** Ports of the proxy beside an instance; Linkerd's numbers unless its annotations say otherwise. */
export interface ProxyPorts {
  readonly inbound: number
  readonly outbound: number
  readonly control: number
  readonly admin: number
}

export const defaultProxyPorts: ProxyPorts = { inbound: 4143, outbound: 4140, control: 4190, admin: 4191 }

/** One running copy of a workload: a Pod, or an ExternalWorkload. */
export interface Instance {
  readonly namespace: string
  /** The pod's name; unique within its namespace. */
  readonly name: string
  /** Empty while the platform has not given it one. */
  readonly ip: string
  readonly workload: WorkloadRef
  readonly serviceAccount: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly meshed: boolean
  /** The name its certificate carries; `null` when it is not meshed. */
  readonly identity: string | null
  readonly controlPlaneNamespace: string | null
  readonly zone: string | null
  readonly ports: readonly InstancePort[]
  /** What the platform asks of it over HTTP to learn how it is. */
  readonly probes?: readonly HttpProbe[]
  readonly proxyPorts: ProxyPorts
}

export interface InstancePort {
  readonly name: string | null
  readonly port: number
}

/** A request of GET to a port of an instance. */
export interface HttpProbe {
  readonly port: number
  readonly path: string
}

export interface Service {
  readonly namespace: string
  readonly name: string
  readonly clusterIp: string | null
  /** Empty: selects nothing. */
  readonly selector: Readonly<Record<string, string>>
  readonly ports: readonly ServicePort[]
  readonly annotations: Readonly<Record<string, string>>
}

interface ServicePort {
  readonly name: string | null
  readonly port: number
  /** A number, or the name of an instance's port. */
  readonly targetPort: number | string
}

export interface Namespace {
  readonly name: string
  readonly annotations: Readonly<Record<string, string>>
}

/** All that is known of the mesh at one moment. Never changed in place: a new state replaces the old one. */
export interface MeshState {
  /** Grows with every change. */
  readonly revision: number
  readonly trustDomain: string
  readonly clusterDomain: string
  readonly controlPlaneNamespace: string
  readonly namespaces: readonly Namespace[]
  readonly services: readonly Service[]
  readonly instances: readonly Instance[]
  readonly profiles: readonly ServiceProfile[]
  readonly splits: readonly TrafficSplit[]
  readonly policies: PolicyObjects
}
