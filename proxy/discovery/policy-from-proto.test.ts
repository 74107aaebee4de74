import { create } from '@bufbuild/protobuf'
import { durationFromMs } from '@bufbuild/protobuf/wkt'
import { expect, test } from 'vitest'
import { OutboundPolicySchema } from '#lib/mesh-api/gen/io/linkerd/proxy/outbound_pb.ts'
import { policyFromProto } from './policy-from-proto.ts'

test('policyFromProto() reads gRPC routes as calls to their methods, with their own conditions of retries', () => {
  const path = 'cart.shop.svc.cluster.local:80'
  const backend = {
    kind: {
      case: 'balancer' as const,
      value: { discovery: { kind: { case: 'dst' as const, value: { path } } } },
    },
  }
  const policy = policyFromProto(
    create(OutboundPolicySchema, {
      protocol: {
        kind: {
          case: 'grpc',
          value: {
            routes: [
              {
                metadata: { kind: { case: 'default', value: 'adds' } },
                rules: [
                  {
                    matches: [{ rpc: { service: 'shop.Cart', method: 'Add' } }],
                    backends: {
                      kind: {
                        case: 'randomAvailable',
                        value: { backends: [{ backend: { backend }, weight: 3 }] },
                      },
                    },
                    timeouts: { request: durationFromMs(1500) },
                    retry: {
                      maxRetries: 2,
                      conditions: { unavailable: true, cancelled: true },
                      backoff: {
                        minBackoff: durationFromMs(25),
                        maxBackoff: durationFromMs(250),
                        jitterRatio: 1,
                      },
                    },
                    allowL5dRequestHeaders: true,
                  },
                ],
              },
            ],
          },
        },
      },
    }),
  )
  expect(policy?.routes[0]?.rules[0]).toMatchObject({
    matches: [{ path: { type: 'Exact', value: '/shop.Cart/Add' }, method: 'POST' }],
    backends: [{ authority: path, weight: 3, labels: { kind: 'grpc', route: { name: 'adds' } } }],
    retry: {
      statuses: [],
      grpcCodes: [1, 14],
      maxRetries: 2,
      backoff: { minMs: 25, maxMs: 250, jitterRatio: 1 },
    },
    requestTimeoutMs: 1500,
    allowsRequestHeaders: true,
  })
})

test('policyFromProto() tells of a single rule for all requests, which none has to be looked up for', () => {
  const read = (matches: readonly object[]) =>
    policyFromProto(
      create(OutboundPolicySchema, {
        protocol: { kind: { case: 'http1', value: { routes: [{ rules: [{ matches: [...matches] }] }] } } },
      }),
    )
  expect(read([])?.only?.rule.backends).toEqual([])
  expect(read([{ path: { kind: { case: 'exact', value: '/a' } } }])?.only).toBeNull()
})

test('policyFromProto() tells filters of requests from those of responses', () => {
  const filters = [
    { kind: { case: 'responseHeaderModifier' as const, value: { remove: ['x-old'] } } },
    { kind: { case: 'requestHeaderModifier' as const, value: { remove: ['x-new'] } } },
  ]
  const policy = policyFromProto(
    create(OutboundPolicySchema, {
      protocol: { kind: { case: 'http1', value: { routes: [{ rules: [{ filters }] }] } } },
    }),
  )
  expect(policy?.routes[0]?.rules[0]).toMatchObject({
    filters: [{ kind: 'request-headers', remove: ['x-new'] }],
    responseEdits: [{ remove: ['x-old'] }],
  })
})
