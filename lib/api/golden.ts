import * as z from 'zod/mini'
import { coverageSchema, goldenSchema, noteSchema, resourceSchema, spanSchema, tcpSchema } from './common.ts'
import { timeQuerySchema } from './time-query.ts'

/**
 * `resource` is a kind or `kind/name` (`deploy/web`); `namespace` a name or `_all`. Rows are always of
 * `resource`: its inbound; with `to` its outbound toward `to`; with `from` what `from` sent to it.
 */
export const goldenQuerySchema = z.extend(timeQuerySchema, {
  resource: z.string(),
  namespace: z.optional(z.string()),
  to: z.optional(z.string()),
  toNamespace: z.optional(z.string()),
  from: z.optional(z.string()),
  fromNamespace: z.optional(z.string()),
  /** Only requests of this ServiceProfile route, as callers' proxies counted them; `[DEFAULT]`: of none. */
  route: z.optional(z.string()),
  /** A Kubernetes label selector over instances. */
  selector: z.optional(z.string()),
})
export type GoldenQuery = z.infer<typeof goldenQuerySchema>

export const goldenRowSchema = z.object({
  /** `shop/deployment/web` */
  id: z.string(),
  resource: resourceSchema,
  meshed: z.object({ running: z.int(), total: z.int() }),
  golden: goldenSchema,
  tcp: tcpSchema,
  /** Requests that came with mTLS ÷ all, 0–1; `null` without a request. */
  mtlsRate: z.nullable(z.number()),
  denied: z.nullable(z.int()),
  /** What a workload or pod sent that received nothing itself; absent on every other row. */
  sent: z.optional(goldenSchema),
})
export type GoldenRow = z.infer<typeof goldenRowSchema>

export const goldenAnswerSchema = z.object({
  span: spanSchema,
  coverage: coverageSchema,
  note: noteSchema,
  rows: z.array(goldenRowSchema),
})
export type GoldenAnswer = z.infer<typeof goldenAnswerSchema>
