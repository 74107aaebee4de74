import { describe, expect, test } from 'vitest'
import { loadManifests } from '#lib/manifests/load-manifests.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import { authorize } from './authorize.ts'
import { resourcePolicy } from './resource-policy.ts'
import { selectedServer } from './selected-server.ts'
import type { ClientConnection, ServerPolicy } from './server-policy.ts'

const END = 'serviceaccount.identity.linkerd.cluster.local'
const EVERYWHERE = [
  { cidr: '0.0.0.0/0', except: [] },
  { cidr: '::/0', except: [] },
]

const pod = `apiVersion: v1
kind: Pod
metadata: { name: api-1, namespace: production, labels: { app: my-api, linkerd.io/control-plane-ns: linkerd } }
spec:
  serviceAccountName: my-api
  containers: [{ name: app, ports: [{ name: http, containerPort: 8080 }, { containerPort: 9090 }] }]
status: { podIP: 127.18.1.1 }`

function object(
  kind: string,
  name: string,
  spec: string,
  { namespace = 'production', labels = '{}' } = {},
): string {
  const version = { Server: 'v1beta3', ServerAuthorization: 'v1beta1' }[kind] ?? 'v1alpha1'
  return `apiVersion: policy.linkerd.io/${version}
kind: ${kind}
metadata: { name: ${name}, namespace: ${namespace}, labels: ${labels} }
spec: ${spec}`
}

const server = object('Server', 'my-api', '{podSelector: {matchLabels: {app: my-api}}, port: 8080}', {
  labels: '{ tier: api }',
})
const target = (name = 'my-api') => `{group: policy.linkerd.io, kind: Server, name: ${name}}`
const allow = (client: string, of = 'name: my-api') =>
  object('ServerAuthorization', 'allow', `{server: {${of}}, client: ${client}}`)
const demand = (refs: string, of = target()) =>
  object('AuthorizationPolicy', 'policy', `{targetRef: ${of}, requiredAuthenticationRefs: [${refs}]}`)
const tlsAuthentication = (spec: string) => object('MeshTLSAuthentication', 'clients', spec)
const networkAuthentication = object(
  'NetworkAuthentication',
  'office',
  '{networks: [{cidr: 10.0.0.0/8, except: [10.1.0.0/16]}]}',
)
const CLIENTS = '{group: policy.linkerd.io, kind: MeshTLSAuthentication, name: clients}'
const OFFICE = '{group: policy.linkerd.io, kind: NetworkAuthentication, name: office}'

function load(...documents: string[]): MeshState {
  const loaded = loadManifests([{ name: 'mesh.yaml', text: [pod, ...documents].join('\n---\n') }], {
    clusterDomain: 'cluster.local',
    trustDomain: 'cluster.local',
    controlPlaneNamespace: 'linkerd',
  })
  if ('problems' in loaded) throw new Error(loaded.problems.map(({ message }) => message).join('\n'))
  return { ...loaded.state, revision: 1 }
}

function policy(...documents: string[]): ServerPolicy {
  const mesh = load(...documents)
  const [instance] = mesh.instances
  const found = instance && selectedServer(mesh.policies.servers, instance, 8080)
  if (found === undefined) throw new Error('No Server selects the port')
  return resourcePolicy(mesh, found, { clusterNetworks: ['10.0.0.0/8'], detectTimeoutMs: 10_000 })
}

describe('selectedServer()', () => {
  const select = (port: number, ...servers: string[]) => {
    const { instances, policies } = load(...servers)
    return instances[0] && selectedServer(policies.servers, instances[0], port)?.name
  }
  test.each<[string, number, string, string | undefined]>([
    ['port and labels', 8080, '{podSelector: {matchLabels: {app: my-api}}, port: 8080}', 'a'],
    ['another port', 9090, '{podSelector: {}, port: 8080}', undefined],
    ['other labels', 8080, '{podSelector: {matchLabels: {app: web}}, port: 8080}', undefined],
    ['a port by its name', 8080, '{podSelector: {}, port: http}', 'a'],
    ['a name that another port has', 9090, '{podSelector: {}, port: http}', undefined],
    [
      'an expression',
      8080,
      '{podSelector: {matchExpressions: [{key: app, operator: Exists}]}, port: 8080}',
      'a',
    ],
    ['a selector of external workloads', 8080, '{externalWorkloadSelector: {}, port: 8080}', 'a'],
  ])('decides by %s', (_, port, spec, expected) => {
    expect(select(port, object('Server', 'a', spec))).toBe(expected)
  })

  test('takes none of another namespace, and the first by name of several', () => {
    const spec = '{podSelector: {}, port: 8080}'
    expect(select(8080, object('Server', 'a', spec, { namespace: 'staging' }))).toBeUndefined()
    expect(select(8080, object('Server', 'b', spec), object('Server', 'a', spec))).toBe('a')
  })
})

describe('resourcePolicy()', () => {
  test('lets in the service account that a ServerAuthorization names, with labels of both objects', () => {
    const accounts = '{meshTLS: {serviceAccounts: [{name: my-frontend, namespace: production}]}}'
    expect(policy(server, allow(accounts))).toEqual({
      server: { group: 'policy.linkerd.io', kind: 'server', name: 'my-api' },
      protocol: 'detect',
      detectTimeoutMs: 10_000,
      authorizations: [
        {
          ref: { group: 'policy.linkerd.io', kind: 'serverauthorization', name: 'allow' },
          networks: EVERYWHERE,
          authentication: { kind: 'identity', identities: [`my-frontend.production.${END}`], suffixes: [] },
        },
      ],
      routes: [],
      rateLimit: null,
    })
  })

  test('lets in nobody while nothing is authorized', () => {
    expect(policy(server).authorizations).toEqual([])
  })

  test.each([
    ['HTTP/1', 'http1'],
    ['HTTP/2', 'http2'],
    ['gRPC', 'grpc'],
    ['opaque', 'opaque'],
    ['TLS', 'tls'],
  ])('reads the port as %s', (written, expected) => {
    const spec = `{podSelector: {}, port: 8080, proxyProtocol: ${written}}`
    expect(policy(object('Server', 'a', spec)).protocol).toBe(expected)
  })

  const web = `web.shop.${END}`
  const own = `web.production.${END}`
  const mesh = (clientId: string, ip = '10.2.0.1'): ClientConnection => ({
    ip,
    tls: { kind: 'mesh', clientId },
  })
  const plain = (ip = '10.2.0.1'): ClientConnection => ({
    ip,
    tls: { kind: 'none', reason: 'no_tls_from_remote' },
  })

  test.each<[string, string[], ClientConnection, string | null]>([
    ['anyone', [allow('{unauthenticated: true}')], plain(), 'allow'],
    [
      'anyone from a network',
      [allow('{unauthenticated: true, networks: [{cidr: 10.2.0.0/16}]}')],
      plain(),
      'allow',
    ],
    [
      'nobody from elsewhere',
      [allow('{unauthenticated: true, networks: [{cidr: 10.2.0.0/16}]}')],
      plain('10.3.0.1'),
      null,
    ],
    ['TLS of anyone', [allow('{meshTLS: {unauthenticatedTLS: true}}')], mesh(''), 'allow'],
    ['nobody without TLS', [allow('{meshTLS: {unauthenticatedTLS: true}}')], plain(), null],
    ['every identity', [allow('{meshTLS: {identities: ["*"]}}')], mesh(web), 'allow'],
    ['no missing identity', [allow('{meshTLS: {identities: ["*"]}}')], mesh(''), null],
    ['identities by their end', [allow(`{meshTLS: {identities: ["*.shop.${END}"]}}`)], mesh(web), 'allow'],
    ['no others', [allow(`{meshTLS: {identities: ["*.shop.${END}"]}}`)], mesh(own), null],
    [
      'a Server by its labels',
      [allow('{unauthenticated: true}', 'selector: {matchLabels: {tier: api}}')],
      plain(),
      'allow',
    ],
    [
      'no other Server',
      [allow('{unauthenticated: true}', 'selector: {matchLabels: {tier: db}}')],
      plain(),
      null,
    ],
    ['an account of the own namespace', [demand('{kind: ServiceAccount, name: web}')], mesh(own), 'policy'],
    ['not its namesake', [demand('{kind: ServiceAccount, name: web}')], mesh(web), null],
    [
      'an account of another namespace',
      [demand('{kind: ServiceAccount, name: web, namespace: shop}')],
      mesh(web),
      'policy',
    ],
    ['everyone without a condition', [demand('')], plain(), 'policy'],
    [
      'listed identities',
      [demand(CLIENTS), tlsAuthentication(`{identities: ["${web}"]}`)],
      mesh(web),
      'policy',
    ],
    [
      'a referred account',
      [demand(CLIENTS), tlsAuthentication('{identityRefs: [{kind: ServiceAccount, name: web}]}')],
      mesh(own),
      'policy',
    ],
    [
      'a referred namespace',
      [demand(CLIENTS), tlsAuthentication('{identityRefs: [{kind: Namespace, name: shop}]}')],
      mesh(web),
      'policy',
    ],
    [
      'no other namespace',
      [demand(CLIENTS), tlsAuthentication('{identityRefs: [{kind: Namespace, name: shop}]}')],
      mesh(own),
      null,
    ],
    ['a network', [demand(OFFICE), networkAuthentication], plain(), 'policy'],
    ['nobody in its exception', [demand(OFFICE), networkAuthentication], plain('10.1.0.1'), null],
    [
      'who fulfils both',
      [demand(`${CLIENTS}, ${OFFICE}`), networkAuthentication, tlsAuthentication('{identities: ["*"]}')],
      mesh(web),
      'policy',
    ],
    [
      'nobody with one of both',
      [demand(`${CLIENTS}, ${OFFICE}`), networkAuthentication, tlsAuthentication('{identities: ["*"]}')],
      mesh(web, '10.1.0.1'),
      null,
    ],
    [
      'nobody by two conditions of a kind',
      [demand('{kind: ServiceAccount, name: web}, {kind: ServiceAccount, name: api}')],
      mesh(own),
      null,
    ],
    ['what the namespace lets in', [demand('', '{kind: Namespace, name: production}')], plain(), 'policy'],
    ['nobody by another namespace', [demand('', '{kind: Namespace, name: shop}')], plain(), null],
  ])('lets in %s', (_, documents, client, expected) => {
    expect(authorize(policy(server, ...documents), client)?.ref.name ?? null).toBe(expected)
  })

  test('lets in by its access policy whom no authorization does', () => {
    const open = object(
      'Server',
      'my-api',
      '{podSelector: {}, port: 8080, accessPolicy: all-unauthenticated}',
    )
    const both = policy(open, allow('{meshTLS: {identities: ["*"]}}'))
    expect(authorize(both, mesh(web))?.ref.name).toBe('allow')
    expect(authorize(both, plain())?.ref).toEqual({ group: '', kind: 'default', name: 'all-unauthenticated' })
    const audit = object('Server', 'my-api', '{podSelector: {}, port: 8080, accessPolicy: audit}')
    expect(authorize(policy(audit), plain())?.ref.name).toBe('audit')
    const cluster = object(
      'Server',
      'my-api',
      '{podSelector: {}, port: 8080, accessPolicy: cluster-authenticated}',
    )
    expect(authorize(policy(cluster), mesh(web))?.ref.name).toBe('cluster-authenticated')
    expect(authorize(policy(cluster), mesh(web, '192.0.2.1'))).toBeNull()
  })
})
