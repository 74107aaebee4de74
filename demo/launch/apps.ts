import type { Instance, MeshState } from '#lib/resources/mesh-state.ts'

/** What the sample apps' process is told of each app; see `demo/apps/app.ts`, which reads it. */
interface Place {
  readonly app: string
  readonly pod: string
  readonly ip: string
  readonly listenHost: string
  readonly listenPort: number | null
  readonly outbound: { readonly host: string; readonly port: number } | null
  readonly direct: Readonly<Record<string, { readonly host: string; readonly port: number }>>
}

/**
 * Where the app of an instance listens: one network up from the instance's address, which its proxy has
 * (`127.18.0.3` → `127.19.0.3`), so that app and proxy can use the same port.
 */
export function appHost(instanceIp: string): string {
  const [first, second, ...rest] = instanceIp.split('.')
  return [first, Number(second) + 1, ...rest].join('.')
}

/** The sample app of each instance: the one that its `app` label names. */
export function appPlaces(mesh: MeshState): readonly Place[] {
  const direct: Record<string, { host: string; port: number }> = {}
  for (const instance of mesh.instances) {
    const app = instance.labels.app
    if (app && instance.meshed) direct[app] ??= { host: instance.ip, port: instance.proxyPorts.inbound }
  }
  return mesh.instances.map((instance: Instance) => ({
    app: instance.labels.app ?? '',
    pod: instance.name,
    ip: instance.ip,
    listenHost: appHost(instance.ip),
    listenPort: instance.ports[0]?.port ?? null,
    outbound: instance.meshed ? { host: instance.ip, port: instance.proxyPorts.outbound } : null,
    direct,
  }))
}
