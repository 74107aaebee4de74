import fc from 'fast-check'
import { expect, test } from 'vitest'
import { authorize } from './authorize.ts'
import {
  DEFAULT_POLICY_NAMES,
  defaultPolicy,
  isDefaultPolicyName,
  localhostAuthorization,
} from './default-policy.ts'
import type { Authorization, ClientConnection, ServerPolicy } from './server-policy.ts'

const options = { clusterNetworks: ['10.0.0.0/8', 'fd00::/8'], detectTimeoutMs: 10_000 }
const plain: ClientConnection['tls'] = { kind: 'none', reason: 'no_tls_from_remote' }
const nameless: ClientConnection['tls'] = { kind: 'mesh', clientId: '' }
const web: ClientConnection['tls'] = { kind: 'mesh', clientId: 'web.shop.mesh' }

test.each([
  ['all-unauthenticated', '192.0.2.1', plain, true],
  ['all-unauthenticated', '2001:db8::1', plain, true],
  ['all-authenticated', '192.0.2.1', plain, false],
  ['all-authenticated', '192.0.2.1', nameless, false],
  ['all-authenticated', '192.0.2.1', web, true],
  ['cluster-unauthenticated', '10.1.2.3', plain, true],
  ['cluster-unauthenticated', '::ffff:10.1.2.3', plain, true],
  ['cluster-unauthenticated', 'fd00::1', plain, true],
  ['cluster-unauthenticated', '192.0.2.1', web, false],
  ['cluster-authenticated', '10.1.2.3', plain, false],
  ['cluster-authenticated', '10.1.2.3', web, true],
  ['cluster-authenticated', '192.0.2.1', web, false],
  ['deny', '10.1.2.3', web, false],
] as const)('authorize() under %s of %s as %j is %j', (name, ip, tls, isLetIn) => {
  const authorization = authorize(defaultPolicy(name, options), { ip, tls })
  expect(authorization?.ref ?? null).toEqual(isLetIn ? { group: '', kind: 'default', name } : null)
})

const policyOf = (...authorizations: Authorization[]): ServerPolicy => ({
  ...defaultPolicy('deny', options),
  authorizations,
})
const identity = (identities: string[], suffixes: string[]): Authorization => ({
  ref: { group: 'policy.linkerd.io', kind: 'authorizationpolicy', name: 'test' },
  networks: [{ cidr: '0.0.0.0/0', except: ['10.9.0.0/16'] }],
  authentication: { kind: 'identity', identities, suffixes },
})

test.each([
  [identity(['web.shop.mesh'], []), true],
  [identity(['users.shop.mesh'], []), false],
  [identity([], ['shop.mesh']), true],
  [identity([], ['.shop.mesh']), true],
  [identity([], ['hop.mesh']), false],
  [identity([], ['web.shop.mesh']), false],
  [identity([], ['*']), true],
  [identity([], ['']), true],
  [identity([], []), false],
])('authorize() of web.shop.mesh under %j is %j', (authorization, isLetIn) => {
  const client = { ip: '10.1.1.1', tls: web }
  expect(authorize(policyOf(authorization), client)).toBe(isLetIn ? authorization : null)
})

test('authorize() leaves out the exceptions of a network', () => {
  const authorization = identity([], ['*'])
  expect(authorize(policyOf(authorization), { ip: '10.9.1.1', tls: web })).toBeNull()
})

test('authorize() takes any TLS client where no identity is asked', () => {
  const tls: Authorization = { ...identity([], []), authentication: { kind: 'tls' } }
  expect(authorize(policyOf(tls), { ip: '10.1.1.1', tls: nameless })).toBe(tls)
  expect(authorize(policyOf(tls), { ip: '10.1.1.1', tls: plain })).toBeNull()
})

test.each([
  [['10.1.2.3'], ['127.0.0.1', '::1'], ['10.1.2.3', '127.0.0.2']],
  [['10.1.2.3', 'fd00::1'], ['127.0.0.1', '::1'], ['fd00::1']],
  [['127.18.0.3'], ['127.18.0.3'], ['127.0.0.1', '::1', '127.18.0.2']],
  [['127.18.0.3', '127.18.0.4'], ['127.18.0.3', '127.18.0.4'], ['127.0.0.1']],
])('localhostAuthorization() of %j lets in %j and not %j', (ownIps, own, others) => {
  const localhost = localhostAuthorization(ownIps)
  const authorizations = localhost === null ? [] : [localhost]
  const letsIn = (ip: string) => authorize(policyOf(...authorizations), { ip, tls: plain }) !== null
  expect(own.filter(letsIn)).toEqual(own)
  expect(others.filter(letsIn)).toEqual([])
})

test.each([
  [[]],
  [['127.0.0.1']],
  [['::1']],
  [['0.0.0.0']],
  [['::']],
  [['10.1.2.3', '127.0.0.1']],
  [['localhost']],
])('localhostAuthorization() of %j is none: the addresses are shared', ownIps => {
  expect(localhostAuthorization(ownIps)).toBeNull()
})

test('isDefaultPolicyName() knows the names and no other', () => {
  expect(DEFAULT_POLICY_NAMES.every(isDefaultPolicyName)).toBe(true)
  expect(isDefaultPolicyName('audit-all')).toBe(false)
})

const authorizations = fc.array(
  fc.record({
    ref: fc.record({ group: fc.constant(''), kind: fc.constant('default'), name: fc.string() }),
    networks: fc.array(
      fc.record({
        cidr: fc.constantFrom('0.0.0.0/0', '10.0.0.0/8', '10.1.0.0/16', '127.0.0.0/8', '::/0'),
        except: fc.subarray(['10.1.1.0/24', '127.0.0.1']),
      }),
    ),
    authentication: fc.oneof(
      fc.constant({ kind: 'unauthenticated' as const }),
      fc.constant({ kind: 'tls' as const }),
      fc.record({
        kind: fc.constant('identity' as const),
        identities: fc.subarray(['web.shop.mesh', 'users.shop.mesh']),
        suffixes: fc.subarray(['shop.mesh', '*']),
      }),
    ),
  }),
)
const clients = fc.record({
  ip: fc.constantFrom('10.1.1.1', '10.2.0.1', '127.0.0.1', '192.0.2.1', '::1', 'no address'),
  tls: fc.constantFrom(plain, nameless, web),
})

test('authorize() answers the first authorization that lets the client in alone', () => {
  fc.assert(
    fc.property(authorizations, clients, (list, client) => {
      const alone = list.find(one => authorize(policyOf(one), client) !== null) ?? null
      expect(authorize(policyOf(...list), client)).toBe(alone)
    }),
  )
})

test('authorize() lets in who proves more wherever who proves less is let in', () => {
  fc.assert(
    fc.property(authorizations, clients, (list, { ip }) => {
      const isLetIn = (tls: ClientConnection['tls']) => authorize(policyOf(...list), { ip, tls }) !== null
      if (isLetIn(plain)) expect(isLetIn(nameless)).toBe(true)
      if (isLetIn(nameless)) expect(isLetIn(web)).toBe(true)
    }),
  )
})
