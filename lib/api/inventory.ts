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

export const serviceRowSchema = z.object({
  /** `shop/service/web` */
  id: z.string(),
  service: resourceSchema,
  ports: z.array(z.object({ name: z.string(), port: z.int(), targetPort: z.string() })),
  /** Ids of the workloads it selects (`shop/deployment/web`). */
  workloads: z.array(z.string()),
  meshed: z.object({ running: z.int(), total: z.int() }),
  /** Names of the routes of its ServiceProfile, in the profile's order; `null` without a profile. */
  routes: z.nullable(z.array(z.string())),
})
export type ServiceRow = z.infer<typeof serviceRowSchema>
export const servicesAnswerSchema = z.object({ ...envelope, rows: z.array(serviceRowSchema) })
export type ServicesAnswer = z.infer<typeof servicesAnswerSchema>

export const namespaceRowSchema = z.object({
  /** `namespace/shop` */
  id: z.string(),
  namespace: z.string(),
  meshed: z.object({ running: z.int(), total: z.int() }),
  workloads: z.int(),
  services: z.int(),
})
export type NamespaceRow = z.infer<typeof namespaceRowSchema>
export const namespacesAnswerSchema = z.object({ ...envelope, rows: z.array(namespaceRowSchema) })
export type NamespacesAnswer = z.infer<typeof namespacesAnswerSchema>
