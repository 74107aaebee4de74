import * as z from 'zod/mini'
import { coverageSchema, spanSchema } from './common.ts'

/** The REST endpoints that can be followed; a subscription's params are the endpoint's query. */
const liveTopics = [
  'golden',
  'series',
  'edges',
  'topology',
  'routes',
  'proxies',
  'workloads',
  'services',
  'namespaces',
  'statuses',
  'policies',
  'splits',
  'checks',
  'markers',
] as const
export const subscribeSchema = z.object({
  topic: z.enum(liveTopics),
  params: z.record(z.string(), z.string()),
})
export type Subscribe = z.infer<typeof subscribeSchema>
export type LiveTopic = Subscribe['topic']

/** What a client says of a subscription it has. */
export const ofSubscriptionSchema = z.object({ subscription: z.string() })
type OfSubscription = z.infer<typeof ofSubscriptionSchema>

/** The whole answer, as REST gives it. */
export const snapshotSchema = z.object({
  subscription: z.string(),
  revision: z.int(),
  data: z.unknown(),
})
export type Snapshot = z.infer<typeof snapshotSchema>

/**
 * What changed since `base`. `in` names the answer's list (`rows`, `nodes`, `edges`); rows replace those of
 * the same id. A client that does not hold `base` asks `resync`.
 */
export const updateSchema = z.object({
  subscription: z.string(),
  revision: z.int(),
  base: z.int(),
  span: spanSchema,
  coverage: coverageSchema,
  upserts: z.array(z.object({ in: z.string(), row: z.looseObject({ id: z.string() }) })),
  removes: z.array(z.object({ in: z.string(), id: z.string() })),
})
export type Update = z.infer<typeof updateSchema>

/** Updates a slow client was spared; the next snapshot holds what they said. */
const laggedSchema = z.object({ subscription: z.string(), skipped: z.int() })
export type Lagged = z.infer<typeof laggedSchema>

/** A question that cannot be answered any more, with the REST error. The subscription stays and recovers by itself. */
export const liveErrorSchema = z.object({
  subscription: z.string(),
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
})
export type LiveError = z.infer<typeof liveErrorSchema>

export type SubscribeReply =
  | { readonly subscription: string }
  | { readonly error: { readonly code: string; readonly message: string; readonly hint: string } }

export interface LiveServerEvents {
  snapshot(message: Snapshot): void
  update(message: Update): void
  lagged(message: Lagged): void
  failed(message: LiveError): void
}

export interface LiveClientEvents {
  subscribe(request: Subscribe, reply: (answer: SubscribeReply) => void): void
  unsubscribe(request: OfSubscription): void
  resync(request: OfSubscription): void
}
