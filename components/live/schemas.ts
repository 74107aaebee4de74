import * as z from 'zod/mini'
import { edgeSchema } from '#lib/api/edges.ts'
import { endpoints } from '#lib/api/endpoints.ts'
import { goldenRowSchema } from '#lib/api/golden.ts'
import {
  namespaceRowSchema,
  proxyRowSchema,
  serviceRowSchema,
  workloadRowSchema,
} from '#lib/api/inventory.ts'
import type { LiveTopic, Update } from '#lib/api/live.ts'
import { markerRowSchema } from '#lib/api/markers.ts'
import { policyRowSchema } from '#lib/api/policies.ts'
import { routeRowSchema } from '#lib/api/routes.ts'
import { seriesRowSchema } from '#lib/api/series.ts'
import { splitRowSchema } from '#lib/api/splits.ts'
import { statusRowSchema } from '#lib/api/statuses.ts'
import { topologyEdgeSchema, topologyNodeSchema } from '#lib/api/topology.ts'
import type { Answer } from './question.ts'

/** The schema of a row, by topic and by the list the row is in. */
const rowSchemas: Readonly<Record<LiveTopic, Readonly<Record<string, z.ZodMiniType>>>> = {
  golden: { rows: goldenRowSchema },
  series: { rows: seriesRowSchema },
  edges: { rows: edgeSchema },
  topology: { nodes: topologyNodeSchema, edges: topologyEdgeSchema },
  routes: { rows: routeRowSchema },
  proxies: { rows: proxyRowSchema },
  workloads: { rows: workloadRowSchema },
  services: { rows: serviceRowSchema },
  namespaces: { rows: namespaceRowSchema },
  statuses: { rows: statusRowSchema },
  policies: { rows: policyRowSchema },
  splits: { rows: splitRowSchema },
  markers: { rows: markerRowSchema },
}

/** A snapshot's data as an answer of `topic`; `null` when it is none. */
export function parseAnswer(topic: LiveTopic, data: unknown): Answer | null {
  const parsed = z.safeParse<z.ZodMiniType<Answer>>(endpoints[topic].answer, data)
  return parsed.success ? parsed.data : null
}

/** The update, when every row it brings is one of `topic`; else `null`. */
export function parseUpdate(topic: LiveTopic, update: Update): Update | null {
  const schemas = rowSchemas[topic]
  const fits = update.upserts.every(({ in: list, row }) => {
    const schema = Object.hasOwn(schemas, list) ? schemas[list] : undefined
    return schema !== undefined && z.safeParse(schema, row).success
  })
  return fits ? update : null
}
