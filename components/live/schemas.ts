import * as z from 'zod/mini'
import { checkRowSchema, selfNumberSchema } from '#lib/api/checks.ts'
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
  checks: { rows: checkRowSchema, numbers: selfNumberSchema },
  markers: { rows: markerRowSchema },
}

/** Reading gives way to what else the page has to do after so long. */
const sliceMs = 8
/** So many rows are read between looks at the clock. */
const rowsAtOnce = 20

/** A snapshot's data as an answer of `topic`; `null` when it is none. A large one is read in several tasks. */
export async function parseAnswer(topic: LiveTopic, data: unknown): Promise<Answer | null> {
  if (typeof data !== 'object' || data === null) return null
  const lists = Object.entries(rowSchemas[topic])
  const frame = Object.fromEntries(lists.map(([list]) => [list, []]))
  const parsed = z.safeParse<z.ZodMiniType<Answer>>(endpoints[topic].answer, { ...data, ...frame })
  if (!parsed.success) return null
  const read: Record<string, readonly unknown[]> = {}
  for (const [list, schema] of lists) {
    const rows: unknown = Reflect.get(data, list)
    if (!Array.isArray(rows) || !(await areAll(rows, row => z.safeParse(schema, row).success))) return null
    read[list] = rows
  }
  return { ...parsed.data, ...read }
}

/** The update, when every row it brings is one of `topic`; else `null`. A large one is read in several tasks. */
export async function parseUpdate(topic: LiveTopic, update: Update): Promise<Update | null> {
  const schemas = rowSchemas[topic]
  const fits = await areAll(update.upserts, ({ in: list, row }) => {
    const schema = Object.hasOwn(schemas, list) ? schemas[list] : undefined
    return schema !== undefined && z.safeParse(schema, row).success
  })
  return fits ? update : null
}

async function areAll<T>(rows: readonly T[], fits: (row: T) => boolean): Promise<boolean> {
  let untilMs = performance.now() + sliceMs
  for (const [index, row] of rows.entries()) {
    if (!fits(row)) return false
    if (index % rowsAtOnce !== 0 || performance.now() < untilMs) continue
    await new Promise(resolve => setTimeout(resolve, 0))
    untilMs = performance.now() + sliceMs
  }
  return true
}
