import * as z from 'zod/mini'
import { coverageSchema, goldenSchema, noteSchema, spanSchema } from './common.ts'
import { timeQuerySchema } from './time-query.ts'

export const splitsQuerySchema = z.extend(timeQuerySchema, { namespace: z.optional(z.string()) })
export type SplitsQuery = z.infer<typeof splitsQuerySchema>

/** One backend of a TrafficSplit, or of a ServiceProfile's overrides. */
export const splitRowSchema = z.object({
  /** `shop/recommendations recommendations-v1` */
  id: z.string(),
  namespace: z.string(),
  split: z.string(),
  /** The service that callers ask for. */
  apex: z.string(),
  /** The service that answers; of the split's namespace unless it names another (`name.namespace`). */
  leaf: z.string(),
  /** As it is written. */
  weight: z.number(),
  /** Its share of all weights, 0–1; `null` when all are 0. */
  asked: z.nullable(z.number()),
  /** Its share of the apex's requests, 0–1; `null` without a request. */
  seen: z.nullable(z.number()),
  /** Requests of all backends of the split; `null` when no proxy of a caller answered. */
  total: z.nullable(z.int()),
  /** What callers of the apex had of it; every attempt. */
  golden: goldenSchema,
})
export type SplitRow = z.infer<typeof splitRowSchema>

export const splitsAnswerSchema = z.object({
  span: spanSchema,
  coverage: coverageSchema,
  note: noteSchema,
  rows: z.array(splitRowSchema),
})
export type SplitsAnswer = z.infer<typeof splitsAnswerSchema>
