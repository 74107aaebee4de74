import type { AppPlace } from '#demo/apps/order.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import { outboundDoors } from './outbound-doors.ts'

/**
 * Where the app of an instance listens: one network up from the instance's address, which its proxy has
 * (`127.18.0.3` → `127.19.0.3`), so that app and proxy can use the same port.
 */
export function appHost(instanceIp: string): string {
  const [first, second, ...rest] = instanceIp.split('.')
  return [first, Number(second) + 1, ...rest].join('.')
}

/** The sample app of each instance: the one that its `app` label names. */
export function appPlaces(mesh: MeshState): AppPlace[] {
  const direct: Record<string, { host: string; port: number }> = {}
  for (const { labels, namespace, meshed, ip, proxyPorts } of mesh.instances) {
    if (labels.app && meshed) direct[`${labels.app}.${namespace}`] ??= { host: ip, port: proxyPorts.inbound }
  }
  return mesh.instances.map(instance => ({
    app: instance.labels.app ?? '',
    workload: instance.workload.name,
    pod: instance.name,
    ip: instance.ip,
    listenHost: appHost(instance.ip),
    listenPort: instance.ports[0]?.port ?? null,
    outbound: instance.meshed ? { host: instance.ip, port: instance.proxyPorts.outbound } : null,
    doors: Object.fromEntries(
      outboundDoors(instance).map(({ port, service }) => [service, { host: instance.ip, port }]),
    ),
    // Who has a proxy asks it: what others' addresses are makes no difference there.
    direct: instance.meshed ? {} : direct,
  }))
}
