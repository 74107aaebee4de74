import type { Topic } from '#lib/api/endpoints.ts'
import { answerChecks } from './checks.ts'
import { answerEdges } from './edges.ts'
import type { Ground } from './ground.ts'
import { answerNamespaces, answerProxies, answerServices, answerWorkloads } from './inventory-answers.ts'
import { answerMarkers } from './markers.ts'
import { answerPolicies } from './policies.ts'
import { type AnswerOf, type QueryOf, readQuery } from './query.ts'
import { answerRoutes } from './routes.ts'
import { answerSeries } from './series.ts'
import { answerSplits } from './splits.ts'
import { answerGolden } from './stat.ts'
import { answerStatuses } from './statuses.ts'
import { answerTopology } from './topology.ts'

/** Answers the questions of the API. Both REST and the live socket ask here. */
export interface Golden {
  /** The answer to a topic's question, given as text parameters; rejects with a QuestionError when it has none. */
  ask<T extends Topic>(topic: T, params: Readonly<Record<string, string>>): Promise<AnswerOf<T>>
}

const answers: { readonly [T in Topic]: (ground: Ground, query: QueryOf<T>) => Promise<AnswerOf<T>> } = {
  golden: answerGolden,
  series: answerSeries,
  edges: answerEdges,
  topology: answerTopology,
  routes: answerRoutes,
  proxies: answerProxies,
  workloads: answerWorkloads,
  services: answerServices,
  namespaces: answerNamespaces,
  statuses: answerStatuses,
  policies: answerPolicies,
  splits: answerSplits,
  checks: answerChecks,
  markers: answerMarkers,
}

export function createGolden(ground: Ground): Golden {
  return {
    async ask(topic, params) {
      return answers[topic](ground, readQuery(topic, params))
    },
  }
}
