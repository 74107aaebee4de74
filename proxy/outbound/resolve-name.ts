import net from 'node:net'

const DEFAULT_PORT = 80

/** A service's name. */
export interface ServiceName {
  readonly kind: 'service'
  /** In full, with its port, as discovery is asked for it. */
  readonly authority: string
  readonly host: string
  readonly port: number
}

/** What a request's authority stands for. */
export type ResolvedName =
  | ServiceName
  /** An address, or a name that cannot be a service's. */
  | { readonly kind: 'external'; readonly host: string; readonly port: number }
  | { readonly kind: 'invalid'; readonly reason: string }

/**
 * Resolves `catalog`, `catalog.shop`, `catalog.shop.svc` and the full name, with an optional port, as a pod of
 * `namespace` would.
 */
export function resolveName(
  authority: string,
  { namespace, clusterDomain }: { namespace: string; clusterDomain: string },
): ResolvedName {
  const split = splitAuthority(authority)
  if (split === null)
    return { kind: 'invalid', reason: `Cannot read authority: expected <name>:<port>, got "${authority}"` }
  const { host, port } = split
  if (net.isIP(host) !== 0) return { kind: 'external', host, port }
  const name = host.endsWith('.') ? host.slice(0, -1) : host
  const suffix = `.svc.${clusterDomain}`
  const full = (service: string): ResolvedName => ({
    kind: 'service',
    authority: `${service}${suffix}:${port}`,
    host: name,
    port,
  })
  if (name.endsWith(suffix)) {
    const service = name.slice(0, -suffix.length)
    return service.includes('.') ? full(service) : { kind: 'external', host: name, port }
  }
  const labels = name.split('.')
  if (labels.some(label => label === ''))
    return { kind: 'invalid', reason: `Cannot read authority: expected a name, got "${authority}"` }
  if (labels.length === 1) return full(`${name}.${namespace}`)
  if (labels.length === 2) return full(name)
  if (labels.length === 3 && labels[2] === 'svc') return full(`${labels[0]}.${labels[1]}`)
  return { kind: 'external', host: name, port }
}

function splitAuthority(authority: string): { host: string; port: number } | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?$/.exec(authority)
  if (match === null) return null
  const host = match[1] ?? match[2] ?? ''
  const port = match[3] === undefined ? DEFAULT_PORT : Number(match[3])
  return port >= 1 && port <= 65_535 ? { host, port } : null
}
