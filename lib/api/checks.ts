import * as z from 'zod/mini'
import { coverageSchema, spanSchema } from './common.ts'

/** Nothing narrows it. */
export const checksQuerySchema = z.object({})

/** One thing that the server looks at to know whether its answers can be trusted. */
export const checkRowSchema = z.object({
  /** `history` */
  id: z.string(),
  /** `Numbers` */
  area: z.string(),
  title: z.string(),
  /** `warn`: it works, and will not for long, or not wholly. `unknown`: it cannot be told. */
  state: z.enum(['ok', 'warn', 'fail', 'unknown']),
  /** What was found. */
  finding: z.string(),
  /** What it is about: what goes wrong when it is not well. */
  meaning: z.string(),
  /** What helps; `null` when nothing has to be done. */
  hint: z.nullable(z.string()),
})
export type CheckRow = z.infer<typeof checkRowSchema>

/** A number about the server itself, of the last minute unless it is a level. */
export const selfNumberSchema = z.object({
  id: z.string(),
  /** What it is about: `Scrapes`. */
  group: z.string(),
  title: z.string(),
  /** `null`: nothing was measured. */
  value: z.nullable(z.number()),
  unit: z.enum(['count', 'perSecond', 'seconds', 'bytes', 'ratio']),
})
export type SelfNumber = z.infer<typeof selfNumberSchema>

export const checksAnswerSchema = z.object({
  span: spanSchema,
  coverage: coverageSchema,
  rows: z.array(checkRowSchema),
  numbers: z.array(selfNumberSchema),
})
export type ChecksAnswer = z.infer<typeof checksAnswerSchema>
