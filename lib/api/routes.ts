import * as z from 'zod/mini'
import { coverageSchema, goldenSchema, noteSchema, spanSchema } from './common.ts'
import { timeQuerySchema } from './time-query.ts'

export const routesQuerySchema = z.extend(timeQuerySchema, {
  /**
   * `kind` or `kind/name`. Services, or a namespace's: their routes as their callers counted them. A workload: those of the
   * services in front of it, as it counted them itself, or else as their callers did.
   */
  resource: z.string(),
  namespace: z.optional(z.string()),
  /** With it, routes of `to` as `resource` called them. */
  to: z.optional(z.string()),
  toNamespace: z.optional(z.string()),
})
export type RoutesQuery = z.infer<typeof routesQuerySchema>

export const routeRowSchema = z.object({
  /** `shop/service/users GET /api/users` */
  id: z.string(),
  /** The route's name; `[DEFAULT]` for requests that matched none. */
  route: z.string(),
  service: z.string(),
  namespace: z.string(),
  /** What the client saw, after retries. */
  effective: goldenSchema,
  /** Every attempt; its latency is not measured. */
  actual: goldenSchema,
  retryable: z.boolean(),
  timeoutMs: z.nullable(z.number()),
})
export type RouteRow = z.infer<typeof routeRowSchema>

export const routesAnswerSchema = z.object({
  span: spanSchema,
  coverage: coverageSchema,
  note: noteSchema,
  rows: z.array(routeRowSchema),
})
export type RoutesAnswer = z.infer<typeof routesAnswerSchema>
