import * as z from 'zod/mini'
import { coverageSchema, noteSchema, resourceSchema, spanSchema } from './common.ts'
import { goldenQuerySchema } from './golden.ts'

/** The requests of `/golden` by what they were answered. */
export const statusesQuerySchema = goldenQuerySchema

export const statusRowSchema = z.object({
  /** `shop/deployment/web 200 success` */
  id: z.string(),
  resource: resourceSchema,
  /** The HTTP status; `unknown` when the proxy told none, as of requests that ended without a response. */
  status: z.string(),
  /** The gRPC status, of gRPC requests. */
  grpcStatus: z.optional(z.string()),
  classification: z.enum(['success', 'failure']),
  requests: z.int(),
  rps: z.nullable(z.number()),
})
export type StatusRow = z.infer<typeof statusRowSchema>

export const statusesAnswerSchema = z.object({
  span: spanSchema,
  coverage: coverageSchema,
  note: noteSchema,
  rows: z.array(statusRowSchema),
})
export type StatusesAnswer = z.infer<typeof statusesAnswerSchema>
