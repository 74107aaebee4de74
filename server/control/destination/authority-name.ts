import { parseIp } from '#lib/policy/ip-address.ts'

/** What a path of a destination request names, with a port that is 80 when it is not said. */
export type Target =
  | {
      readonly kind: 'service'
      readonly namespace: string
      readonly service: string
      /** One pod of the service (`cache-0.cache.shop.svc…`); `null`: any. */
      readonly pod: string | null
      readonly port: number
    }
  | { readonly kind: 'address'; readonly ip: string; readonly port: number }
  /** A name outside the cluster, or none at all. */
  | { readonly kind: 'other'; readonly why: string }

/** Reads `web.shop.svc.cluster.local:8080`, `127.18.0.2:8080` or `[::1]:8080`. */
export function parseTarget(path: string, clusterDomain: string): Target {
  const match = /^(?:\[([\da-fA-F:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(path)
  const host = match?.[1] ?? match?.[2]
  const port = Number(match?.[3] ?? 80)
  if (path.length > 300 || host === undefined || port < 1 || port > 65_535) {
    return other('expected <name>:<port>', path)
  }
  if (parseIp(host) !== null) return { kind: 'address', ip: host, port }
  const suffix = `.svc.${clusterDomain}`
  const name = host.replace(/\.$/, '').toLowerCase()
  if (!name.endsWith(suffix)) return other(`expected a name under svc.${clusterDomain}`, host)
  const labels = name.slice(0, -suffix.length).split('.')
  const [namespace = '', service = '', pod = null, ...more] = labels.toReversed()
  if (more.length > 0 || labels.includes('') || service === '') {
    return other(`expected <service>.<namespace>${suffix}`, host)
  }
  return { kind: 'service', namespace, service, pod, port }
}

/** `web.shop.svc.cluster.local` */
export function serviceFqdn(service: string, namespace: string, clusterDomain: string): string {
  return `${service}.${namespace}.svc.${clusterDomain}`
}

function other(expected: string, found: string): Target {
  return { kind: 'other', why: `${expected}, found ${JSON.stringify(found.slice(0, 300))}` }
}
