import { create } from '@bufbuild/protobuf'
import { afterEach, expect, test, vi } from 'vitest'
import {
  Destination,
  type DestinationProfile,
  DestinationProfileSchema,
} from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import { silentLog } from '#proxy/accept/test-proxy.ts'
import { Cleanup } from '#proxy/accept/test-sockets.ts'
import { createControlChannel } from '#proxy/control/control-channel.ts'
import { startTestServer } from '#proxy/control/test-server.ts'
import { createServiceProfiles, serviceAuthority } from './service-profiles.ts'

const USERS = 'users.shop.svc.cluster.local:80'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const withRoute: DestinationProfile = create(DestinationProfileSchema, {
  routes: [
    {
      condition: { match: { case: 'path', value: { regex: '/users/[^/]+' } } },
      metricsLabels: { route: 'GET /users/{id}' },
    },
  ],
})

async function start(answer: (path: string) => DestinationProfile) {
  const asked: string[] = []
  const ended: string[] = []
  const server = await startTestServer(router =>
    router.service(Destination, {
      async *getProfile({ path }, { signal }) {
        asked.push(path)
        signal.addEventListener('abort', () => ended.push(path))
        yield answer(path)
        await new Promise<void>(resolve => signal.addEventListener('abort', () => resolve()))
      },
    }),
  )
  cleanup.add(server, one => one.close())
  const channel = createControlChannel(server.address, () => null)
  cleanup.add(channel, one => one.close())
  const clock = { nowMs: 0 }
  const profiles = createServiceProfiles({
    config: { clusterDomain: 'cluster.local', destinationContext: '', metricsRetainIdleMs: 1000 },
    channel,
    log: silentLog,
    random: () => 0,
    nowMs: () => clock.nowMs,
  })
  cleanup.add(profiles, one => one.close())
  return { profiles, asked, ended, clock }
}

test('routesOf() gives the routes of a profile once it is known, however the service is named', async () => {
  const { asked, profiles } = await start(path =>
    path === USERS ? withRoute : create(DestinationProfileSchema),
  )
  await vi.waitFor(() => expect(profiles.routesOf('users.shop')).not.toBeNull())
  const table = profiles.routesOf('users.shop.svc.cluster.local:80')
  expect(table?.match('GET', '/users/7').name).toBe('GET /users/{id}')
  expect(table?.authority).toBe(USERS)
  expect(profiles.routesOf('carts.shop')).toBeNull()
  await vi.waitFor(() => expect(asked).toEqual([USERS, 'carts.shop.svc.cluster.local:80']))
  expect(profiles.routesOf('carts.shop')).toBeNull()
})

test('routesOf() watches so many services only, until some were idle', async () => {
  const { asked, clock, ended, profiles } = await start(() => withRoute)
  for (let i = 0; i < 80; i++) profiles.routesOf(`s${i}.shop`)
  await vi.waitFor(() => expect(asked).toHaveLength(64))
  clock.nowMs = 999
  await vi.waitFor(() => expect(profiles.routesOf('s0.shop')).not.toBeNull())
  clock.nowMs = 1000
  await vi.waitFor(() => expect(profiles.routesOf('late.shop')).not.toBeNull())
  await vi.waitFor(() => expect(ended).toHaveLength(63))
  expect(ended).not.toContain('s0.shop.svc.cluster.local:80')
})

test.each([
  ['users.shop', USERS],
  ['Users.shop.svc', USERS],
  ['users.shop.svc.cluster.local', USERS],
  ['users.shop.svc.cluster.local.:8080', 'users.shop.svc.cluster.local:8080'],
  ['users', null],
  ['users.shop.svc.other.local', null],
  ['127.18.0.3:8080', null],
  ['example.com', 'example.com.svc.cluster.local:80'],
  ['', null],
])('serviceAuthority() of %j is %j', (name, authority) => {
  expect(serviceAuthority(name, 'cluster.local')).toBe(authority)
})
