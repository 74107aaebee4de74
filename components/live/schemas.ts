import * as z from 'zod/mini'
import { edgeSchema, edgesAnswerSchema } from '#lib/api/edges.ts'
import { goldenAnswerSchema, goldenRowSchema } from '#lib/api/golden.ts'
import {
  proxiesAnswerSchema,
  proxyRowSchema,
  workloadRowSchema,
  workloadsAnswerSchema,
} from '#lib/api/inventory.ts'
import type { LiveTopic, Update } from '#lib/api/live.ts'
import { routeRowSchema, routesAnswerSchema } from '#lib/api/routes.ts'
import { seriesAnswerSchema, seriesRowSchema } from '#lib/api/series.ts'
import { topologyAnswerSchema, topologyEdgeSchema, topologyNodeSchema } from '#lib/api/topology.ts'
import type { Answer, Answers } from './question.ts'

type TopicSchemas = {
  readonly [T in LiveTopic]: {
    readonly answer: z.ZodMiniType<Answers[T]>
    /** The schema of a row, by the list it is in. */
    readonly rows: Readonly<Record<string, z.ZodMiniType<{ id: string }>>>
  }
}

const topics: TopicSchemas = {
  golden: { answer: goldenAnswerSchema, rows: { rows: goldenRowSchema } },
  series: { answer: seriesAnswerSchema, rows: { rows: seriesRowSchema } },
  edges: { answer: edgesAnswerSchema, rows: { rows: edgeSchema } },
  topology: { answer: topologyAnswerSchema, rows: { nodes: topologyNodeSchema, edges: topologyEdgeSchema } },
  routes: { answer: routesAnswerSchema, rows: { rows: routeRowSchema } },
  proxies: { answer: proxiesAnswerSchema, rows: { rows: proxyRowSchema } },
  workloads: { answer: workloadsAnswerSchema, rows: { rows: workloadRowSchema } },
}

/** A snapshot's data as an answer of `topic`; `null` when it is none. */
export function parseAnswer(topic: LiveTopic, data: unknown): Answer | null {
  const parsed = z.safeParse(topics[topic].answer, data)
  return parsed.success ? parsed.data : null
}

/** The update, when every row it brings is one of `topic`; else `null`. */
export function parseUpdate(topic: LiveTopic, update: Update): Update | null {
  const { rows } = topics[topic]
  const fits = update.upserts.every(({ in: list, row }) => {
    const schema = Object.hasOwn(rows, list) ? rows[list] : undefined
    return schema !== undefined && z.safeParse(schema, row).success
  })
  return fits ? update : null
}
