import type { ServiceRow } from '#lib/api/inventory.ts'
import type { RouteRow } from '#lib/api/routes.ts'

/** Routes that say something, and the services whose routes do not, for want of a ServiceProfile. */
export interface ToldRoutes {
  /** `null` while loading. */
  readonly rows: readonly RouteRow[] | null
  readonly bare: readonly ServiceRow['service'][]
}

/** Tells apart what routes there are of `services`, and which of these have no ServiceProfile. Either is `null` while loading. */
export function toldRoutes(
  rows: readonly RouteRow[] | null,
  services: readonly ServiceRow[] | null,
): ToldRoutes {
  if (rows === null || services === null) return { rows: null, bare: [] }
  const ids = new Set(services.map(({ id }) => id))
  const bare = services.filter(({ routes }) => routes === null)
  const bareIds = new Set(bare.map(({ id }) => id))
  return {
    rows: rows.filter(({ namespace, service }) => {
      const id = `${namespace}/service/${service}`
      return ids.has(id) && !bareIds.has(id)
    }),
    bare: bare.map(({ service }) => service),
  }
}
