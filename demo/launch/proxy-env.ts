import { tapIdentity } from '#lib/resources/identity-name.ts'
import type { Instance, MeshState } from '#lib/resources/mesh-state.ts'
import { outboundDoors } from './outbound-doors.ts'

/** Where the control plane answers, as `host:port`. */
export interface ControlAddresses {
  readonly identity: string
  readonly destination: string
  readonly policy: string
}

export interface ProxyPlace {
  readonly control: ControlAddresses
  readonly trustAnchorsPem: string
  readonly tokenFile: string
  /** A folder for the proxy's key. */
  readonly identityDirectory: string
  /** Where the app beside the proxy listens. */
  readonly appHost: string
}

/** The environment that makes a proxy the one beside `instance`, in explicit mode. */
export function proxyEnv(mesh: MeshState, instance: Instance, place: ProxyPlace): Record<string, string> {
  const listen = (port: number) => `${instance.ip}:${port}`
  const ports = instance.ports.map(({ port }) => port).join(',')
  const doors = outboundDoors(instance).map(({ port, destination }) => `${listen(port)}=${destination}`)
  const workload = JSON.stringify({ ns: instance.namespace, pod: instance.name })
  return {
    MESHSCOPE_PROXY_MODE: 'explicit',
    MESHSCOPE_PROXY_APP_HOST: place.appHost,
    MESHSCOPE_PROXY_APP_PORTS: ports,
    LINKERD2_PROXY_INBOUND_LISTEN_ADDR: listen(instance.proxyPorts.inbound),
    LINKERD2_PROXY_OUTBOUND_LISTEN_ADDR: listen(instance.proxyPorts.outbound),
    ...(doors.length > 0 && { MESHSCOPE_PROXY_OUTBOUND_LISTEN: doors.join(',') }),
    LINKERD2_PROXY_CONTROL_LISTEN_ADDR: listen(instance.proxyPorts.control),
    LINKERD2_PROXY_TAP_SVC_NAME: tapIdentity(mesh),
    LINKERD2_PROXY_ADMIN_LISTEN_ADDR: listen(instance.proxyPorts.admin),
    LINKERD2_PROXY_INBOUND_IPS: instance.ip,
    LINKERD2_PROXY_INBOUND_PORTS: ports,
    LINKERD2_PROXY_DESTINATION_SVC_ADDR: place.control.destination,
    LINKERD2_PROXY_DESTINATION_CONTEXT: workload,
    LINKERD2_PROXY_DESTINATION_PROFILE_SUFFIXES: `svc.${mesh.clusterDomain}.`,
    LINKERD2_PROXY_POLICY_SVC_ADDR: place.control.policy,
    LINKERD2_PROXY_POLICY_WORKLOAD: workload,
    LINKERD2_PROXY_IDENTITY_SVC_ADDR: place.control.identity,
    LINKERD2_PROXY_IDENTITY_DIR: place.identityDirectory,
    LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS: place.trustAnchorsPem,
    LINKERD2_PROXY_IDENTITY_TOKEN_FILE: place.tokenFile,
    LINKERD2_PROXY_IDENTITY_LOCAL_NAME: instance.identity ?? '',
  }
}
