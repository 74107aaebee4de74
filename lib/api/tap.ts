import * as z from 'zod/mini'
import { resourceSchema } from './common.ts'

/** What to tap. `resource` is a kind or `kind/name` whose pods are watched; `to` narrows to what they send there. */
const tapFilterSchema = z.object({
  resource: z.string(),
  namespace: z.optional(z.string()),
  to: z.optional(z.string()),
  toNamespace: z.optional(z.string()),
  method: z.optional(z.string()),
  /** A prefix of the path. */
  path: z.optional(z.string()),
  authority: z.optional(z.string()),
  scheme: z.optional(z.enum(['http', 'https'])),
  /** A Kubernetes label selector over the tapped instances. */
  selector: z.optional(z.string()),
  /** Requests per second over all pods together, 1–5000; default 100. */
  maxRps: z.optional(z.int()),
  /** Asks for headers; sensitive ones come redacted. */
  extract: z.optional(z.enum(['headers'])),
})
export type TapFilter = z.infer<typeof tapFilterSchema>

/** One end of a request; `workload` is `null` for what the mesh does not know. */
const tapPeerSchema = z.object({
  workload: z.nullable(resourceSchema),
  pod: z.nullable(z.string()),
  ip: z.string(),
  port: z.int(),
})
export type TapPeer = z.infer<typeof tapPeerSchema>

const headersSchema = z.array(z.object({ name: z.string(), value: z.string() }))

/** One request, told when it ended, or as `pending` when it has not after ten seconds; then told again at its end. */
const tapEventSchema = z.object({
  id: z.string(),
  /** When it began, RFC 3339 with milliseconds. */
  at: z.string(),
  source: tapPeerSchema,
  destination: tapPeerSchema,
  /** Which proxies told of it: the callee's, the caller's, or both, joined. */
  direction: z.enum(['inbound', 'outbound', 'both']),
  /** `true`, or the reason why not. */
  tls: z.string(),
  clientId: z.string(),
  serverId: z.string(),
  method: z.string(),
  scheme: z.string(),
  authority: z.string(),
  path: z.string(),
  /** The ServiceProfile's route; empty when it has none. */
  route: z.string(),
  status: z.optional(z.int()),
  grpcStatus: z.optional(z.int()),
  /** To the response's head. */
  latencyMs: z.optional(z.number()),
  /** To the response's end. */
  durationMs: z.optional(z.number()),
  /** Of the response's body. */
  bytes: z.optional(z.int()),
  end: z.enum(['complete', 'reset', 'pending']),
  /** HTTP/2's code of what broke off. */
  resetCode: z.optional(z.int()),
  requestId: z.optional(z.string()),
  /** Set from the second attempt on. */
  attempt: z.optional(z.int()),
  /** What refused it (`server/name`, `deny`), when policy did. */
  policy: z.optional(z.string()),
  requestHeaders: z.optional(headersSchema),
  responseHeaders: z.optional(headersSchema),
})
export type TapEvent = z.infer<typeof tapEventSchema>

/** Events that could not be shown, by where they were lost; sums since the start. */
const tapDroppedSchema = z.object({
  /** More was requested than `maxRps`, or than a pod's share of what is watched for it. */
  limit: z.int(),
  /** A proxy's buffer was full: what is known to be lost, and what was not heard of as a consequence. */
  proxyBuffer: z.int(),
  /** The server's was. */
  serverBuffer: z.int(),
  /** This client read too slowly. */
  slowClient: z.int(),
})
export type TapDropped = z.infer<typeof tapDroppedSchema>

/** How much of the traffic was shown; told every second. */
const tapStatsSchema = z.object({
  /** Requests told since the start. */
  shown: z.int(),
  /** Requests that the tapped proxies counted meanwhile, whether they match the filter's method or path or not; `null` before they are known. */
  counted: z.nullable(z.int()),
  dropped: tapDroppedSchema,
  /** Requests that began and ended while it was paused, and were not told. */
  paused: z.optional(z.int()),
  /** Requests that had begun and not ended when it was stopped, and were not told. */
  unfinished: z.optional(z.int()),
  /** There was more than could be watched, and no telling how much of that matches: `dropped.limit` is what is known of it. */
  isPartial: z.optional(z.boolean()),
  pods: z.array(
    z.object({
      namespace: z.string(),
      pod: z.string(),
      state: z.enum(['connecting', 'tapping', 'failed']),
      /** Why it failed, and what to do. */
      error: z.optional(z.string()),
    }),
  ),
})
export type TapStats = z.infer<typeof tapStatsSchema>

export const tapEventsSchema = z.object({ tap: z.string(), events: z.array(tapEventSchema) })
export const tapStatsMessageSchema = z.object({ tap: z.string(), stats: tapStatsSchema })
export const tapEndSchema = z.object({
  tap: z.string(),
  /** `null`: it was stopped. */
  error: z.nullable(z.object({ code: z.string(), message: z.string(), hint: z.string() })),
})
type TapEvents = z.infer<typeof tapEventsSchema>
type TapStatsMessage = z.infer<typeof tapStatsMessageSchema>
type TapEnd = z.infer<typeof tapEndSchema>

/** What a client says of a tap it has. */
export const ofTapSchema = z.object({ tap: z.string() })
export const tapStartSchema = z.object({ filter: tapFilterSchema })

export type TapStartReply =
  | { readonly tap: string; readonly pods: number }
  | { readonly error: { readonly code: string; readonly message: string; readonly hint: string } }

/** Namespace `/tap` of the socket. A tap never starts by itself, and ends with its client. */
export interface TapServerEvents {
  /** Batches, at most ten a second. */
  events(message: TapEvents): void
  stats(message: TapStatsMessage): void
  end(message: TapEnd): void
}

export interface TapClientEvents {
  start(request: { readonly filter: TapFilter }, reply: (answer: TapStartReply) => void): void
  /** Shows nothing until `resume`; what comes meanwhile is counted, not kept. */
  pause(request: { readonly tap: string }): void
  resume(request: { readonly tap: string }): void
  /** Answered with the last `stats`, and `end`. */
  stop(request: { readonly tap: string }): void
}
