import * as z from 'zod/mini'

/** Non-negative number or nothing: `null` means no proxy could tell. */
const amount = z.nullable(z.number())

export const resourceSchema = z.object({
  /** Empty for what lies outside every namespace. */
  namespace: z.string(),
  kind: z.string(),
  name: z.string(),
})

/**
 * The range that was summed, after snapping: RFC 3339 instants, and the step it was snapped to. `oldest` is where the
 * numbers that can be asked for begin; absent before any. `gaps` are times of the range in which no server ran, oldest
 * first: what proxies counted in one stands where it ends. Absent without any, else at most the newest hundred.
 */
export const spanSchema = z.object({
  start: z.string(),
  end: z.string(),
  stepSeconds: z.number(),
  oldest: z.optional(z.string()),
  gaps: z.optional(z.array(z.object({ start: z.string(), end: z.string() }))),
})
export type Span = z.infer<typeof spanSchema>

/** What an answer's numbers leave out, in words; absent when nothing. */
export const noteSchema = z.optional(z.string())

/** Which proxies an answer needed, and which of them answered. */
export const coverageSchema = z.object({
  expected: z.int(),
  answered: z.int(),
  oldestSampleAt: z.nullable(z.string()),
  missing: z.array(
    z.object({
      namespace: z.string(),
      pod: z.string(),
      /** When it was last heard of; `null`: never. */
      since: z.nullable(z.string()),
      reason: z.string(),
    }),
  ),
  /** Why the newest description of the mesh is not in use, with its place; absent when it is. */
  refused: z.optional(z.string()),
})
export type Coverage = z.infer<typeof coverageSchema>

/** Latency to the first body frame in milliseconds, unrounded. `null` without a request. */
const latencySchema = z.object({ p50: amount, p95: amount, p99: amount })

/** Requests are classified responses; the success rate is a ratio, 0–1. */
export const goldenSchema = z.object({
  requests: z.nullable(z.int()),
  rps: amount,
  successRate: amount,
  latencyMs: latencySchema,
})
export type Golden = z.infer<typeof goldenSchema>

export const tcpSchema = z.object({
  open: z.nullable(z.int()),
  readBytesPerSecond: amount,
  writeBytesPerSecond: amount,
})
export type Tcp = z.infer<typeof tcpSchema>

/** The shape of every error answer. */
export const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string() }),
})
