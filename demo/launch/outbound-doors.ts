import type { Instance } from '#lib/resources/mesh-state.ts'

/** A port of an instance's proxy that leads to one service, for what is not HTTP. */
export interface OutboundDoor {
  readonly port: number
  /** `cache.shop` */
  readonly service: string
  /** `cache.shop:6379` */
  readonly destination: string
}

/** The doors that a pod asks for by an annotation: `6379=cache.shop:6379`, several by commas. */
export function outboundDoors({ annotations, namespace, name }: Instance): readonly OutboundDoor[] {
  const text = annotations['config.meshscope.io/outbound-listen'] ?? ''
  return text
    .split(',')
    .filter(entry => entry !== '')
    .map(entry => {
      const [, port, service, servicePort] = /^(\d+)=([a-z0-9.-]+):(\d+)$/.exec(entry.trim()) ?? []
      if (!port || !service)
        throw new Error(
          `Cannot give ${namespace}/${name} a door: expected <port>=<service>:<port>, got ${JSON.stringify(entry)}`,
        )
      return { port: Number(port), service, destination: `${service}:${servicePort}` }
    })
}
