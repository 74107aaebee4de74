import { expect, test } from 'vitest'
import type { ServicesAnswer, WorkloadsAnswer } from '#lib/api/inventory.ts'
import { placeGroups } from './places.ts'

const envelope = {
  span: { start: '', end: '', stepSeconds: 1 },
  coverage: { expected: 0, answered: 0, oldestSampleAt: null, missing: [] },
}
const meshed = { running: 1, total: 1 }

test('placeGroups() leads to the pages of workloads, services and routes, and to none of what has no page', () => {
  const workloads: WorkloadsAnswer = {
    ...envelope,
    rows: ['deployment', 'serviceaccount'].map(kind => ({
      id: kind,
      workload: { namespace: 'shop', kind, name: 'web' },
      meshed,
      identities: [],
      services: [],
      pods: [],
    })),
  }
  const services: ServicesAnswer = {
    ...envelope,
    rows: [
      {
        id: 'shop/service/web',
        service: { namespace: 'shop', kind: 'service', name: 'web' },
        ports: [],
        workloads: [],
        meshed,
        routes: ['GET /api/{id}'],
      },
    ],
  }
  const ids = placeGroups(null, workloads, services)
    .filter(({ title }) => title !== 'Pages')
    .flatMap(({ choices }) => choices.map(({ id }) => id))
  expect(ids).toEqual([
    '/namespaces/shop/deployments/web',
    '/namespaces/shop/services/web',
    '/namespaces/shop/services/web/route?name=GET+%2Fapi%2F%7Bid%7D',
  ])
})
