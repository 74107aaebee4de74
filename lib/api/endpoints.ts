import { checksAnswerSchema, checksQuerySchema } from './checks.ts'
import { edgesAnswerSchema, edgesQuerySchema } from './edges.ts'
import { goldenAnswerSchema, goldenQuerySchema } from './golden.ts'
import {
  inventoryQuerySchema,
  namespacesAnswerSchema,
  proxiesAnswerSchema,
  servicesAnswerSchema,
  workloadsAnswerSchema,
} from './inventory.ts'
import { markerRowSchema, markersAnswerSchema, markersQuerySchema, newMarkerSchema } from './markers.ts'
import { policiesAnswerSchema, policiesQuerySchema } from './policies.ts'
import { routesAnswerSchema, routesQuerySchema } from './routes.ts'
import { seriesAnswerSchema, seriesQuerySchema } from './series.ts'
import { splitsAnswerSchema, splitsQuerySchema } from './splits.ts'
import { statusesAnswerSchema, statusesQuerySchema } from './statuses.ts'
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
  services: {
    path: '/api/v1/services',
    summary: 'The services of the mesh: their ports, the workloads behind them, the routes of their profiles',
    query: inventoryQuerySchema,
    answer: servicesAnswerSchema,
  },
  namespaces: {
    path: '/api/v1/namespaces',
    summary: 'The namespaces of the mesh',
    query: inventoryQuerySchema,
    answer: namespacesAnswerSchema,
  },
  statuses: {
    path: '/api/v1/statuses',
    summary: 'The status codes that each resource of a kind answered with',
    query: statusesQuerySchema,
    answer: statusesAnswerSchema,
  },
  policies: {
    path: '/api/v1/policies',
    summary: 'The ports of the mesh: who may use them by policy, who did, and who was refused',
    query: policiesQuerySchema,
    answer: policiesAnswerSchema,
  },
  splits: {
    path: '/api/v1/splits',
    summary:
      'How requests are split between services: the shares that are asked for, and those that callers saw',
    query: splitsQuerySchema,
    answer: splitsAnswerSchema,
  },
  checks: {
    path: '/api/v1/checks',
    summary: 'Whether the answers can be trusted: what the server finds of proxies, numbers and itself',
    query: checksQuerySchema,
    answer: checksAnswerSchema,
  },
  markers: {
    path: '/api/v1/markers',
    summary: 'What happened when: rollouts, failovers and the like, as somebody told with POST',
    query: markersQuerySchema,
    answer: markersAnswerSchema,
  },
} as const
export type Topic = keyof typeof endpoints

/** What can be told the API: POST `path` with a JSON body, answered with 201 and what was made of it. */
export const commands = {
  addMarker: {
    path: '/api/v1/markers',
    summary: 'Tells that something happened, to be drawn on every chart',
    body: newMarkerSchema,
    answer: markerRowSchema,
  },
} as const
