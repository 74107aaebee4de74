import * as z from 'zod/mini'
import { coverageSchema, resourceSchema, spanSchema } from './common.ts'

/** Narrows an inventory to one namespace; absent or `_all`: every one. */
export const inventoryQuerySchema = z.object({ namespace: z.optional(z.string()) })
export type InventoryQuery = z.infer<typeof inventoryQuerySchema>

const envelope = { span: spanSchema, coverage: coverageSchema }

export const proxyRowSchema = z.object({
  /** `shop/web-0` */
  id: z.string(),
  workload: resourceSchema,
  pod: z.string(),
  metricsUrl: z.string(),
  state: z.enum(['pending', 'up', 'down']),
  lastScrapeAt: z.nullable(z.string()),
  scrapeMs: z.nullable(z.number()),
  samples: z.nullable(z.int()),
  error: z.nullable(z.string()),
})
export type ProxyRow = z.infer<typeof proxyRowSchema>
export const proxiesAnswerSchema = z.object({ ...envelope, rows: z.array(proxyRowSchema) })
export type ProxiesAnswer = z.infer<typeof proxiesAnswerSchema>

export const workloadRowSchema = z.object({
  /** `shop/deployment/web` */
  id: z.string(),
  workload: resourceSchema,
  meshed: z.object({ running: z.int(), total: z.int() }),
  identities: z.array(z.string()),
  services: z.array(z.string()),
  pods: z.array(z.object({ name: z.string(), ip: z.string(), meshed: z.boolean() })),
})
export type WorkloadRow = z.infer<typeof workloadRowSchema>
export const workloadsAnswerSchema = z.object({ ...envelope, rows: z.array(workloadRowSchema) })
export type WorkloadsAnswer = z.infer<typeof workloadsAnswerSchema>
