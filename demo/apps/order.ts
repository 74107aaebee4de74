import * as z from 'zod/mini'
import { troubles } from '#demo/trouble.ts'

const addressSchema = z.object({ host: z.string(), port: z.int() })

/** Where one sample app runs, and how it reaches the others. */
export const appPlaceSchema = z.object({
  /** Which app: the pod's `app` label. */
  app: z.string(),
  /** The workload it is a copy of. */
  workload: z.string(),
  pod: z.string(),
  /** The instance's own address: what it calls from when it has no proxy. */
  ip: z.string(),
  listenHost: z.string(),
  /** `null`: serves nothing. */
  listenPort: z.nullable(z.int()),
  /** Its proxy's outbound address; `null`: not meshed. */
  outbound: z.nullable(addressSchema),
  /** Where its proxy listens for one service each, by `service.namespace`. */
  doors: z.record(z.string(), addressSchema),
  /** Addresses of other apps' proxies, by `app.namespace`, for callers without a proxy of their own. */
  direct: z.record(z.string(), addressSchema),
  /** How many visitors come a second, where they come from; missing: as many as usual. */
  visitsPerSecond: z.optional(z.number()),
})
export type AppPlace = z.infer<typeof appPlaceSchema>

/** What the launcher says to the process of the sample apps. */
export const orderSchema = z.union([
  /** Who runs where from now on. */
  z.object({ kind: z.literal('places'), places: z.array(appPlaceSchema) }),
  /** The proxies are up: callers may begin. */
  z.object({ kind: z.literal('start') }),
  /** All that is wrong from now on. */
  z.object({ kind: z.literal('troubles'), troubles: z.array(z.enum(troubles)) }),
])
export type Order = z.infer<typeof orderSchema>
