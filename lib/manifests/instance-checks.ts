import type { Instance } from '#lib/resources/mesh-state.ts'
import type { Found } from './collected.ts'

/**
 * Reports a Pod and an ExternalWorkload of the same name, and instances that cannot be told apart by their address: no two share an IP. On 127.0.0.1 and ::1, where
 * machines without other loopback addresses put every instance, their proxies must use different ports instead.
 */
export function checkInstances(instances: readonly Found<Instance>[]): void {
  const owners = new Map<string, string>()
  const names = new Set<string>()
  for (const { value, report } of instances) {
    const name = `${value.namespace}/${value.name}`
    if (names.has(name))
      report(['metadata', 'name'], `expected a name of its own, found another instance ${name}`)
    names.add(name)
    if (value.ip === '') continue
    const shared = value.ip === '127.0.0.1' || value.ip === '::1'
    if (shared && !value.meshed) continue
    const ports = Object.values(value.proxyPorts) as number[]
    const keys = shared ? ports.map(port => `${value.ip} port ${port}`) : [value.ip]
    const taken = keys.find(key => owners.has(key))
    if (taken !== undefined) {
      report(
        ['status', 'podIP'],
        `expected an address of its own, found ${taken}, which ${owners.get(taken)} has`,
      )
      continue
    }
    for (const key of keys) owners.set(key, name)
  }
}
