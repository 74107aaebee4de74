import { edgesAnswerSchema, edgesQuerySchema } from './edges.ts'
import { goldenAnswerSchema, goldenQuerySchema } from './golden.ts'
import { inventoryQuerySchema, proxiesAnswerSchema, workloadsAnswerSchema } from './inventory.ts'
import { routesAnswerSchema, routesQuerySchema } from './routes.ts'
import { seriesAnswerSchema, seriesQuerySchema } from './series.ts'
import { topologyAnswerSchema, topologyQuerySchema } from './topology.ts'

/** Every question the API answers: GET `path` with the parameters of `query`. The keys are the live topics, too. */
export const endpoints = {
  golden: {
    path: '/api/v1/golden',
    summary: 'Requests, success rate and latency of each resource of a kind',
    query: goldenQuerySchema,
    answer: goldenAnswerSchema,
  },
  series: {
    path: '/api/v1/series',
    summary: 'Requests, success rate and latency of each resource over time',
    query: seriesQuerySchema,
    answer: seriesAnswerSchema,
  },
  edges: {
    path: '/api/v1/edges',
    summary: 'Who talks to whom, how it is secured, and how it goes',
    query: edgesQuerySchema,
    answer: edgesAnswerSchema,
  },
  topology: {
    path: '/api/v1/topology',
    summary: 'The graph of namespaces, workloads or services, idle ones included',
    query: topologyQuerySchema,
    answer: topologyAnswerSchema,
  },
  routes: {
    path: '/api/v1/routes',
    summary: 'Requests, success rate and latency of each route of a service, before and after retries',
    query: routesQuerySchema,
    answer: routesAnswerSchema,
  },
  proxies: {
    path: '/api/v1/proxies',
    summary: 'The proxies that are scraped, and how that goes',
    query: inventoryQuerySchema,
    answer: proxiesAnswerSchema,
  },
  workloads: {
    path: '/api/v1/workloads',
    summary: 'What runs in the mesh: workloads, their pods, identities and services',
    query: inventoryQuerySchema,
    answer: workloadsAnswerSchema,
  },
} as const
export type Topic = keyof typeof endpoints
