import type { DestinationListener } from '#proxy/config.ts'

/** A listener on a free port for the service `name` of the namespace `shop`, on port 80. */
export function destinationListener(name: string, host = '127.0.0.1'): DestinationListener {
  return {
    listen: { host, port: 0 },
    destination: {
      kind: 'service',
      authority: `${name}.shop.svc.cluster.local:80`,
      host: `${name}.shop`,
      port: 80,
    },
  }
}
