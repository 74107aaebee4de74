import * as z from 'zod/mini'
import { coverageSchema, goldenSchema, noteSchema, resourceSchema, spanSchema, tcpSchema } from './common.ts'
import { mtlsSchema } from './edges.ts'
import { timeQuerySchema } from './time-query.ts'

export const topologyQuerySchema = z.extend(timeQuerySchema, {
  groupBy: z.optional(z.enum(['namespace', 'workload', 'service'])),
  namespace: z.optional(z.string()),
  /**
   * `auto`: of more nodes than people can read, namespaces become one node each, except for the ends of failing and of
   * denied edges. Without it all nodes are told.
   */
  fold: z.optional(z.enum(['auto'])),
  /** Namespaces that do not fold, as `shop,payments`; `_all`: none does. */
  unfold: z.optional(z.string()),
})
export type TopologyQuery = z.infer<typeof topologyQuerySchema>

export const topologyNodeSchema = z.extend(resourceSchema, {
  /** `shop/deployment/web` */
  id: z.string(),
  meshed: z.boolean(),
  golden: goldenSchema,
  tcp: tcpSchema,
  badges: z.array(z.string()),
  /** How many nodes a folded namespace stands for; absent for a node of its own. */
  folded: z.optional(z.int()),
})
export type TopologyNode = z.infer<typeof topologyNodeSchema>

/** As an edge of `/edges`; `source` and `destination` are ids of nodes. */
export const topologyEdgeSchema = z.object({
  id: z.string(),
  source: z.string(),
  destination: z.string(),
  clientId: z.string(),
  serverId: z.string(),
  secured: z.boolean(),
  mtls: mtlsSchema,
  mtlsRatio: z.nullable(z.number()),
  reasons: z.array(z.string()),
  denied: z.int(),
  golden: goldenSchema,
  tcp: tcpSchema,
  /** `grpc`: most responses told a gRPC status; `http`: the others, in whichever version. */
  protocol: z.enum(['http', 'grpc', 'tcp']),
  disagreement: z.optional(z.object({ outbound: z.int(), inbound: z.int() })),
  /** What callers saw after retries, and how many there were; absent where nobody counts it for this edge alone. */
  effective: z.optional(goldenSchema),
  retries: z.optional(z.int()),
  /** How many edges it stands for, when it has a folded end and is more than one. */
  merged: z.optional(z.int()),
})
export type TopologyEdge = z.infer<typeof topologyEdgeSchema>

export const topologyAnswerSchema = z.object({
  span: spanSchema,
  coverage: coverageSchema,
  note: noteSchema,
  nodes: z.array(topologyNodeSchema),
  edges: z.array(topologyEdgeSchema),
})
export type TopologyAnswer = z.infer<typeof topologyAnswerSchema>
