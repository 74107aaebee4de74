import * as z from 'zod/mini'
import { coverageSchema, goldenSchema, noteSchema, resourceSchema, spanSchema, tcpSchema } from './common.ts'
import { timeQuerySchema } from './time-query.ts'

/** Every edge that touches one of `resource`, a kind or `kind/name`; default `workload`. */
export const edgesQuerySchema = z.extend(timeQuerySchema, {
  resource: z.optional(z.string()),
  namespace: z.optional(z.string()),
})
export type EdgesQuery = z.infer<typeof edgesQuerySchema>

export const mtlsSchema = z.enum(['all', 'some', 'none', 'unknown'])
export type Mtls = z.infer<typeof mtlsSchema>

/** What is known of the traffic from one thing to another. Numbers are attempts. */
export const edgeSchema = z.object({
  /** `shop/deployment/web>shop/deployment/users` */
  id: z.string(),
  source: resourceSchema,
  destination: resourceSchema,
  /** The identity seen at either end; empty when there was none, or several. */
  clientId: z.string(),
  serverId: z.string(),
  /** `mtls` is `all`: every request and connection was encrypted and its peer the one expected. */
  secured: z.boolean(),
  mtls: mtlsSchema,
  /** Secured requests (connections, where there were no requests) ÷ all, 0–1. */
  mtlsRatio: z.nullable(z.number()),
  /**
   * Why not all of it is secured: Linkerd's `no_tls_reason` values, and `no_client_identity`, `no_server_identity` (TLS
   * without a certificate), `unexpected_identity` (another than discovery named), `unknown_peer` (the platform does
   * not know who it should be) and `unknown`.
   */
  reasons: z.array(z.string()),
  denied: z.int(),
  golden: goldenSchema,
  tcp: tcpSchema,
  /** Set when both ends counted and differ by over 5 %. */
  disagreement: z.optional(z.object({ outbound: z.int(), inbound: z.int() })),
  /** What callers saw after retries, and how many there were; absent where nobody counts it for this edge alone. */
  effective: z.optional(goldenSchema),
  retries: z.optional(z.int()),
})
export type Edge = z.infer<typeof edgeSchema>

export const edgesAnswerSchema = z.object({
  span: spanSchema,
  coverage: coverageSchema,
  note: noteSchema,
  rows: z.array(edgeSchema),
})
export type EdgesAnswer = z.infer<typeof edgesAnswerSchema>
