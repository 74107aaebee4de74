import * as z from 'zod/mini'

/** How a question names its time: a window that ends now, or an absolute range. Neither: `window=1m`. */
export const timeQuerySchema = z.object({
  window: z.optional(z.string()),
  start: z.optional(z.string()),
  end: z.optional(z.string()),
})
export type TimeQuery = z.infer<typeof timeQuerySchema>
