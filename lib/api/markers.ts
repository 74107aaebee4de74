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

const titleRule = 'expected 1 to 120 characters on one line, not blanks alone, no control or bidi characters'
const detailRule =
  'expected at most 1000 characters, of control characters line breaks and tabs alone, no bidi'

/**
 * The body of POST `/api/v1/markers`. Without `at`: now. Its texts are drawn among others: what would break their
 * lines or turn their direction is refused.
 */
export const newMarkerSchema = z.object(
  {
    title: z
      .string(titleRule)
      .check(
        z.maxLength(120, titleRule),
        z.regex(/[\p{L}\p{N}\p{P}\p{S}]/u, titleRule),
        z.regex(/^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]*$/u, titleRule),
      ),
    detail: z.optional(
      z
        .string(detailRule)
        .check(
          z.maxLength(1_000, detailRule),
          z.regex(/^(?:[\n\r\t]|[^\p{Cc}\p{Cs}\p{Bidi_Control}])*$/u, detailRule),
        ),
    ),
    namespace: z.optional(z.string('expected text')),
    at: z.optional(z.string('expected text')),
  },
  'expected a JSON object',
)
export type NewMarker = z.infer<typeof newMarkerSchema>
