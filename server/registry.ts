import { collectDefaultMetrics, Registry } from 'prom-client'

/** A registry of this process's own metrics, with those of Node in it already. */
export function createRegistry(): Registry {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  return registry
}
