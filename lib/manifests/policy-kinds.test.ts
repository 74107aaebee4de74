import { describe, expect, test } from 'vitest'
import type { PolicyObjects } from '#lib/resources/policy-objects.ts'
import { loadManifests } from './load-manifests.ts'
import { formatProblem } from './problem.ts'

const settings = {
  clusterDomain: 'cluster.local',
  trustDomain: 'cluster.local',
  controlPlaneNamespace: 'linkerd',
}

function load(...documents: string[]): { policies?: PolicyObjects; problems: string } {
  const loaded = loadManifests([{ name: 'mesh.yaml', text: documents.join('\n---\n') }], settings)
  if ('problems' in loaded) return { problems: loaded.problems.map(formatProblem).join('\n') }
  return { policies: loaded.state.policies, problems: '' }
}

function policyObject(kind: string, name: string, version: string, spec: string): string {
  return `apiVersion: policy.linkerd.io/${version}
kind: ${kind}
metadata: { name: ${name}, namespace: shop }
spec: ${spec}`
}

const server = policyObject(
  'Server',
  'web-http',
  'v1beta1',
  '{podSelector: {matchLabels: {app: web}}, port: 8080, proxyProtocol: HTTP/2}',
)

describe('policy.linkerd.io objects', () => {
  test('Server holds its selector, port and protocol; access is denied by default', () => {
    expect(load(server).policies?.servers[0]).toMatchObject({
      namespace: 'shop',
      selects: 'pods',
      port: 8080,
      proxyProtocol: 'HTTP/2',
      accessPolicy: 'deny',
    })
  })

  test.each([
    ['{port: 80}', /spec: expected either podSelector or externalWorkloadSelector, found neither/],
    ['{podSelector: {}, externalWorkloadSelector: {}, port: 80}', /found both/],
    ['{podSelector: {}, port: 80, proxyProtocol: HTTP/3}', /spec\.proxyProtocol: expected unknown, HTTP\/1/],
    [
      '{podSelector: {matchExpressions: [{key: a, operator: In}]}, port: 80}',
      /expected values with In, found 0/,
    ],
    ['{podSelector: {}, port: 80, accessPolcy: deny}', /perhaps accessPolicy/],
  ])('Server is refused: %s', (spec, message) => {
    expect(load(policyObject('Server', 'a', 'v1beta3', spec)).problems).toMatch(message)
  })

  test('ServerAuthorization names a server and its clients', () => {
    const authorization = policyObject(
      'ServerAuthorization',
      'allow',
      'v1beta1',
      '{server: {name: web-http}, client: {meshTLS: {serviceAccounts: [{name: traffic}]}}}',
    )
    expect(load(server, authorization).policies?.serverAuthorizations[0]).toEqual({
      namespace: 'shop',
      name: 'allow',
      server: { name: 'web-http' },
      networks: null,
      client: { kind: 'mesh', identities: [], serviceAccounts: [{ name: 'traffic', namespace: 'shop' }] },
    })
    expect(load(authorization).problems).toMatch(
      /spec\.server\.name: expected a Server that exists, found no Server shop\/web-http/,
    )
  })

  test.each([
    ['{server: {name: web-http}, client: {}}', /expected either unauthenticated or meshTLS, found neither/],
    [
      '{server: {name: web-http}, client: {unauthenticated: true, meshTLS: {identities: ["*"]}}}',
      /found both/,
    ],
    ['{server: {}, client: {unauthenticated: true}}', /expected either name or selector, found neither/],
    ['{server: {selector: {}}, client: {meshTLS: {identities: ["no*"]}}}', /expected an identity/],
    [
      '{server: {selector: {}}, client: {unauthenticated: true, networks: [{cidr: 10.0.0.0/33}]}}',
      /address block/,
    ],
  ])('ServerAuthorization is refused: %s', (spec, message) => {
    expect(load(server, policyObject('ServerAuthorization', 'a', 'v1beta1', spec)).problems).toMatch(message)
  })

  test('AuthorizationPolicy needs a target and authentications that are there', () => {
    const policy = policyObject(
      'AuthorizationPolicy',
      'allow',
      'v1alpha1',
      `{targetRef: {group: policy.linkerd.io, kind: Server, name: web-http},
        requiredAuthenticationRefs: [{group: policy.linkerd.io, kind: MeshTLSAuthentication, name: traffic},
          {kind: ServiceAccount, name: anyone}]}`,
    )
    const authentication = policyObject(
      'MeshTLSAuthentication',
      'traffic',
      'v1alpha1',
      '{identities: ["*.shop.x"]}',
    )
    expect(load(server, authentication, policy).policies?.authorizationPolicies[0]?.targetRef).toEqual({
      group: 'policy.linkerd.io',
      kind: 'Server',
      name: 'web-http',
      namespace: 'shop',
    })
    expect(load(policy).problems).toMatch(/spec\.targetRef: .*found no Server shop\/web-http/)
    expect(load(policy).problems).toMatch(/requiredAuthenticationRefs\[0\]: .*found no MeshTLSAuthentication/)
  })

  test('HTTPRoute and HTTPLocalRateLimitPolicy are read with their defaults', () => {
    const route = policyObject(
      'HTTPRoute',
      'reads',
      'v1beta3',
      `{parentRefs: [{kind: Server, name: web-http}],
        rules: [{matches: [{method: GET, path: {value: /api}}], timeouts: {request: 2s},
          filters: [{type: RequestHeaderModifier, requestHeaderModifier: {remove: [x-old]}}]}]}`,
    )
    const limit = policyObject(
      'HTTPLocalRateLimitPolicy',
      'calm',
      'v1alpha1',
      '{targetRef: {group: policy.linkerd.io, kind: Server, name: web-http}, total: {requestsPerSecond: 10}}',
    )
    const { policies } = load(server, route, limit)
    expect(policies?.httpRoutes[0]?.rules[0]).toMatchObject({
      matches: [{ path: { type: 'PathPrefix', value: '/api' }, method: 'GET' }],
      filters: [{ kind: 'request-headers', remove: ['x-old'] }],
      requestTimeoutMs: 2000,
    })
    expect(policies?.rateLimits[0]).toMatchObject({
      totalRequestsPerSecond: 10,
      identityRequestsPerSecond: null,
    })
    expect(load(route).problems).toMatch(/spec\.parentRefs\[0\]: expected a Server that exists/)
    expect(
      load(server, route.replace('{remove: [x-old]}', '{remove: [x-old]}, requestRedirect: {}')).problems,
    ).toMatch(/expected requestHeaderModifier alone with type RequestHeaderModifier/)
  })

  test('GRPCRoute is read with its defaults', () => {
    const route = `apiVersion: gateway.networking.k8s.io/v1
kind: GRPCRoute
metadata: { name: adds, namespace: shop, annotations: { retry.linkerd.io/grpc: unavailable } }
spec: {parentRefs: [{group: policy.linkerd.io, kind: Server, name: web-http}],
  rules: [{matches: [{method: {service: shop.Cart, method: Add}}, {headers: [{name: x-team, value: a}]}]}]}`
    expect(load(server, route).policies?.grpcRoutes[0]).toMatchObject({
      group: 'gateway.networking.k8s.io',
      annotations: { 'retry.linkerd.io/grpc': 'unavailable' },
      parentRefs: [{ kind: 'Server', name: 'web-http', namespace: 'shop' }],
      rules: [
        {
          matches: [
            { service: 'shop.Cart', method: 'Add', headers: [] },
            { service: null, method: null, headers: [{ type: 'Exact', name: 'x-team', value: 'a' }] },
          ],
        },
      ],
    })
    expect(load(route).problems).toMatch(/spec\.parentRefs\[0\]: expected a Server that exists/)
    expect(load(server, route.replace('method: Add', 'type: RegularExpression')).problems).toMatch(
      /method\.type: expected Exact, found "RegularExpression"/,
    )
    expect(load(server, route.replace('{service: shop.Cart, method: Add}', '{}')).problems).toMatch(
      /expected service, method or both, found neither/,
    )
  })

  test('NetworkAuthentication keeps its holes', () => {
    const networks = '{networks: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}, {cidr: "fd00::/8"}]}'
    const { policies } = load(policyObject('NetworkAuthentication', 'inside', 'v1alpha1', networks))
    expect(policies?.networkAuthentications[0]?.networks).toEqual([
      { cidr: '10.0.0.0/8', except: ['10.1.0.0/16'] },
      { cidr: 'fd00::/8', except: [] },
    ])
  })
})
