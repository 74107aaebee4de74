import { expect, test } from 'vitest'
import { defaultProxyPorts } from '#lib/resources/mesh-state.ts'
import { dimensionLabels, familiesOf, meaningOf, type Scraped, statusLabels } from './series-meaning.ts'
import { dimensions, type View } from './store.ts'

const web: Scraped = {
  namespace: 'shop',
  name: 'web-0',
  workload: { namespace: 'shop', kind: 'deployment', name: 'web' },
  proxyPorts: defaultProxyPorts,
}

/** Every label that a proxy prints, each with a value of its own. */
const everyLabel: Readonly<Record<string, string>> = {
  classification: 'failure',
  status_code: '503',
  grpc_status: '14',
  le: '10',
  authority: 'users.shop:80',
  target_addr: '127.18.0.3:9090',
  target_ip: '127.18.0.3',
  target_port: '8080',
  tls: 'no_identity',
  no_tls_reason: 'no_tls_from_remote',
  client_id: 'batch.shop',
  client_ip: '127.18.1.2',
  server_id: 'users.shop',
  srv_kind: 'server',
  srv_name: 'web-http',
  authz_kind: 'authorizationpolicy',
  authz_name: 'all',
  route_kind: 'httproute',
  route_name: 'read',
  rt_route: 'GET /users',
  dst: 'users.shop.svc.cluster.local:80',
  dst_namespace: 'shop',
  dst_pod: 'users-0',
  dst_deployment: 'users',
  dst_service: 'users',
}
/** What decides whether a series is of the view at all. */
const deciding = ['direction', 'peer', 'classification', 'le', ...dimensionLabels.port]

const views: readonly View[] = ['inbound', 'outbound', 'route', 'caller', 'denied', 'limited']

test.each(views)('dimensionLabels has all that the dimensions of %s are read from', view => {
  const families = familiesOf(view)
  expect(families.length).toBeGreaterThan(0)
  for (const { name, kind } of families) {
    const side =
      view === 'outbound' ? { direction: 'outbound', peer: 'dst' } : { direction: 'inbound', peer: 'src' }
    const all = { ...everyLabel, ...side }
    const meaning = meaningOf({ name, labels: new Map(Object.entries(all)) }, web)
    expect(meaning?.kind).toBe(kind)
    if (meaning === null || meaning.kind === 'processStart') throw new Error('is of no cell')
    expect(meaning.key.view).toBe(view)
    for (const dimension of dimensions) {
      const kept = new Set([...deciding, ...dimensionLabels[dimension], ...statusLabels])
      const labels = new Map(Object.entries(all).filter(([label]) => kept.has(label)))
      const narrow = meaningOf({ name, labels }, web)
      if (narrow === null || narrow.kind === 'processStart') throw new Error('is of no cell')
      expect(narrow.key[dimension]).toBe(meaning.key[dimension])
      if (narrow.kind === 'counter' && meaning.kind === 'counter') {
        expect(narrow.status).toBe(meaning.status)
        expect(narrow.field).toBe(meaning.field)
      }
    }
  }
})
