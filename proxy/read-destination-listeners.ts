import type { DestinationListener } from './config.ts'
import { type Environment, parseAddress } from './environment.ts'
import { resolveName } from './outbound/resolve-name.ts'

const NAME = 'MESHSCOPE_PROXY_OUTBOUND_LISTEN'
const MAX_LISTENERS = 256

/**
 * Reads `127.18.0.2:6379=cache.shop.svc.cluster.local:6379,…`: where to listen, and for which service. Names resolve
 * as they do in requests. What cannot be read is told, and left out.
 */
export function readDestinationListeners(
  env: Environment,
  where: { namespace: string; clusterDomain: string },
): readonly DestinationListener[] {
  const entries = env.list(NAME)
  if (entries.length > MAX_LISTENERS) {
    env.problems.push(`${NAME}: expected at most ${MAX_LISTENERS} listeners, got ${entries.length}`)
  }
  const taken = new Set<string>()
  return entries.slice(0, MAX_LISTENERS).flatMap(entry => {
    const [address = '', name = '', ...more] = entry.split('=')
    const listen = parseAddress(address)
    const destination = resolveName(name, where)
    if (listen === null || more.length > 0 || destination.kind !== 'service') {
      env.problems.push(
        `${NAME}: expected <ip>:<port>=<service>:<port>, as in 127.0.0.1:6379=cache.shop:6379, got "${entry}"`,
      )
      return []
    }
    if (listen.port !== 0 && taken.has(address)) {
      env.problems.push(`${NAME}: expected each address once, got ${address} again`)
      return []
    }
    taken.add(address)
    return [{ listen, destination }]
  })
}
