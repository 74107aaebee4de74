import * as z from 'zod/mini'
import { coverageSchema, spanSchema } from './common.ts'
import { timeQuerySchema } from './time-query.ts'

/** Markers of a time, of one namespace and the whole mesh's, or of all. */
export const markersQuerySchema = z.extend(timeQuerySchema, { namespace: z.optional(z.string()) })
export type MarkersQuery = z.infer<typeof markersQuerySchema>

/** Something that happened, told by somebody: a rollout, a failover, a step of the demo. Drawn on every chart. */
export const markerRowSchema = z.object({
  id: z.string(),
  /** RFC 3339. */
  at: z.string(),
  title: z.string(),
  detail: z.string(),
  /** Empty: the whole mesh. */
  namespace: z.string(),
})
export type MarkerRow = z.infer<typeof markerRowSchema>

export const markersAnswerSchema = z.object({
  span: spanSchema,
  coverage: coverageSchema,
  rows: z.array(markerRowSchema),
})
export type MarkersAnswer = z.infer<typeof markersAnswerSchema>

/** The body of POST `/api/v1/markers`. Without `at`: now. */
export const newMarkerSchema = z.object({
  title: z.string().check(z.minLength(1), z.maxLength(120)),
  detail: z.optional(z.string().check(z.maxLength(1_000))),
  namespace: z.optional(z.string()),
  at: z.optional(z.string()),
})
export type NewMarker = z.infer<typeof newMarkerSchema>
