import * as z from 'zod/mini'
import { coverageSchema, goldenSchema, noteSchema, resourceSchema, spanSchema, tcpSchema } from './common.ts'
import { timeQuerySchema } from './time-query.ts'

/** The ports of `resource`, a kind or `kind/name`; default `workload`. */
export const policiesQuerySchema = z.extend(timeQuerySchema, {
  resource: z.optional(z.string()),
  namespace: z.optional(z.string()),
})
export type PoliciesQuery = z.infer<typeof policiesQuerySchema>

/** Requests, and connections that are not HTTP; `null` when no proxy could tell. */
const refusedSchema = z.object({ count: z.nullable(z.int()), perSecond: z.nullable(z.number()) })
export type Refused = z.infer<typeof refusedSchema>

/** An object of the policy kinds, in lower case: `server/web`; `default/deny` is built in. */
const policyObjectSchema = z.object({ kind: z.string(), name: z.string() })
export type PolicyObject = z.infer<typeof policyObjectSchema>

/** One way in: whom an authorization let in on one route. */
const wayInSchema = z.object({
  authorization: policyObjectSchema,
  /** `null`: requests that no HTTPRoute is about. */
  route: z.nullable(policyObjectSchema),
  /** Whom it lets in, in words: identities, networks. Empty when it is not written any more. */
  clients: z.array(z.string()),
  golden: goldenSchema,
})
export type WayIn = z.infer<typeof wayInSchema>

const refusedSourceSchema = z.object({
  source: resourceSchema,
  /** The identity it showed, else its address. */
  client: z.string(),
  /** `true`, or why its traffic was not secured. */
  tls: z.string(),
  route: z.nullable(policyObjectSchema),
  denied: z.int(),
  limited: z.int(),
  unrouted: z.int(),
})
export type RefusedSource = z.infer<typeof refusedSourceSchema>

export const policyRowSchema = z.object({
  /** `shop/server/web-http:8080` */
  id: z.string(),
  namespace: z.string(),
  /** What describes the port: a Server, or the default policy; its name is empty when nothing told it yet. */
  server: policyObjectSchema,
  port: z.string(),
  /** How the port is read: `HTTP/1`, `opaque`…; `unknown` is detected. */
  protocol: z.string(),
  workloads: z.array(resourceSchema),
  /** Those that have a proxy, which is who enforces it, and all. */
  pods: z.object({ meshed: z.int(), total: z.int() }),
  routes: z.array(z.string()),
  rateLimit: z.nullable(
    z.object({
      name: z.string(),
      totalPerSecond: z.nullable(z.number()),
      identityPerSecond: z.nullable(z.number()),
      overrides: z.int(),
    }),
  ),
  waysIn: z.array(wayInSchema),
  /** All that was let in. */
  allowed: goldenSchema,
  tcp: tcpSchema,
  denied: refusedSchema,
  /** Requests over the rate limit. */
  limited: refusedSchema,
  /** Requests that no HTTPRoute takes. */
  unrouted: refusedSchema,
  /** Who was refused, most first; at most 50. */
  refused: z.array(refusedSourceSchema),
})
export type PolicyRow = z.infer<typeof policyRowSchema>

export const policiesAnswerSchema = z.object({
  span: spanSchema,
  coverage: coverageSchema,
  note: noteSchema,
  rows: z.array(policyRowSchema),
})
export type PoliciesAnswer = z.infer<typeof policiesAnswerSchema>
