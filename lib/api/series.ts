import * as z from 'zod/mini'
import { coverageSchema, goldenSchema, noteSchema, resourceSchema, spanSchema, tcpSchema } from './common.ts'
import { goldenQuerySchema } from './golden.ts'

/** The question of `/golden`, cut into steps. */
export const seriesQuerySchema = z.extend(goldenQuerySchema, { step: z.optional(z.string()) })
export type SeriesQuery = z.infer<typeof seriesQuerySchema>

/** One resource over time: a point for each step of the span, oldest first; a step no proxy covered is all `null`. */
export const seriesRowSchema = z.object({
  id: z.string(),
  resource: resourceSchema,
  points: z.array(z.extend(goldenSchema, { at: z.string(), tcp: tcpSchema })),
})
export type SeriesRow = z.infer<typeof seriesRowSchema>

export const seriesAnswerSchema = z.object({
  span: spanSchema,
  coverage: coverageSchema,
  note: noteSchema,
  rows: z.array(seriesRowSchema),
})
export type SeriesAnswer = z.infer<typeof seriesAnswerSchema>
