import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { expect, test } from 'vitest'
import { type ProxyProtocolSchema, ServerSchema } from '#lib/mesh-api/gen/io/linkerd/proxy/inbound_pb.ts'
import { policyFromProto } from './policy-from-proto.ts'

const read = (kind: NonNullable<MessageInitShape<typeof ProxyProtocolSchema>['kind']>) =>
  policyFromProto(create(ServerSchema, { protocol: { kind } }), 10_000)
const bytes = (text: string) => new TextEncoder().encode(text)
const resource = (kind: string, name: string) => ({
  kind: { case: 'resource' as const, value: { group: 'policy.linkerd.io', kind, name } },
})

test('policyFromProto() reads routes with their filters, and the rate limit', () => {
  const { rateLimit, routes } = read({
    case: 'detect',
    value: {
      httpRoutes: [
        {
          metadata: resource('httproute', 'reads'),
          hosts: [
            { match: { case: 'exact', value: 'web' } },
            { match: { case: 'suffix', value: { reverseLabels: ['local', 'shop'] } } },
          ],
          authorizations: [
            {
              metadata: resource('authorizationpolicy', 'all'),
              authentication: { permit: { case: 'unauthenticated', value: {} } },
            },
          ],
          rules: [
            {
              matches: [
                {
                  path: { kind: { case: 'regex', value: '/a+' } },
                  headers: [{ name: 'x', value: { case: 'exact', value: bytes('1') } }],
                  queryParams: [{ name: 'q', value: { case: 'regex', value: '.' } }],
                  method: { type: { case: 'unregistered', value: 'PURGE' } },
                },
                {},
              ],
              filters: [
                {
                  kind: {
                    case: 'requestHeaderModifier',
                    value: { add: { headers: [{ name: 'A', value: bytes('1') }] }, remove: ['b'] },
                  },
                },
                { kind: { case: 'responseHeaderModifier', value: { remove: ['c'] } } },
                {
                  kind: {
                    case: 'failureInjector',
                    value: { status: 500, message: 'no', ratio: { numerator: 1, denominator: 2 } },
                  },
                },
                {
                  kind: {
                    case: 'redirect',
                    value: {
                      scheme: { type: { case: 'registered', value: 1 } },
                      path: { replace: { case: 'full', value: '/' } },
                      status: 301,
                    },
                  },
                },
              ],
            },
          ],
        },
      ],
      httpLocalRateLimit: {
        metadata: resource('httplocalratelimitpolicy', 'calm'),
        identity: { requestsPerSecond: 5 },
        overrides: [{ limit: { requestsPerSecond: 7 }, clients: { identities: [{ name: 'a' }] } }, {}],
      },
    },
  })
  expect(routes).toMatchObject([
    {
      ref: { group: 'policy.linkerd.io', kind: 'httproute', name: 'reads' },
      hosts: ['web', '*.shop.local'],
      authorizations: [{ ref: { name: 'all' } }],
      rules: [
        {
          matches: [
            {
              path: { type: 'RegularExpression', value: '/a+' },
              headers: [{ type: 'Exact', name: 'x', value: '1' }],
              queryParams: [{ type: 'RegularExpression', name: 'q', value: '.' }],
              method: 'PURGE',
            },
            { path: { type: 'PathPrefix', value: '/' }, method: null },
          ],
          responseEdits: [{ remove: ['c'] }],
          filters: [
            { kind: 'request-headers', add: [{ name: 'a', value: '1' }], set: [], remove: ['b'] },
            { kind: 'failure', status: 500, message: 'no', part: 1, of: 2 },
            {
              kind: 'redirect',
              scheme: 'https',
              hostname: null,
              port: null,
              path: { replace: 'full', value: '/' },
            },
          ],
        },
      ],
    },
  ])
  expect(rateLimit).toEqual({
    ref: { group: 'policy.linkerd.io', kind: 'httplocalratelimitpolicy', name: 'calm' },
    totalPerSecond: null,
    identityPerSecond: 5,
    overrides: [{ perSecond: 7, identities: ['a'] }],
  })
})

test('policyFromProto() reads gRPC routes as POSTs to a service and method', () => {
  const { routes } = read({
    case: 'grpc',
    value: {
      routes: [
        {
          metadata: resource('grpcroute', 'cart'),
          rules: [
            {
              matches: [
                { rpc: { service: 'shop.Cart', method: 'Get' } },
                { rpc: { service: 'shop.Cart' } },
                { rpc: { method: 'Get' } },
              ],
            },
          ],
        },
      ],
    },
  })
  expect(routes[0]?.rules[0]?.matches.map(({ method, path }) => [method, path.type, path.value])).toEqual([
    ['POST', 'Exact', '/shop.Cart/Get'],
    ['POST', 'PathPrefix', '/shop.Cart'],
    ['POST', 'RegularExpression', '/[^/]+/Get'],
  ])
})

test.each([
  [
    'a pattern that cannot be used',
    { rules: [{ matches: [{ path: { kind: { case: 'regex' as const, value: '(?=a)' } } }] }] },
  ],
  ['a filter that is not known', { rules: [{ filters: [{}] }] }],
  ['a host that is none', { hosts: [{}] }],
])('policyFromProto() refuses %s', (_, route) => {
  expect(() => read({ case: 'http2', value: { routes: [route] } })).toThrow(RangeError)
})
