import { expect, test } from 'vitest'
import { allowedWords, isOpen, refusalWords } from './policy-words.ts'

const identity = 'checkout.shop.serviceaccount.identity.linkerd.cluster.local'
const golden = { requests: 0, rps: 0, successRate: null, latencyMs: { p50: null, p95: null, p99: null } }
const way = (...clients: string[]) => ({
  authorization: { kind: 'authorizationpolicy', name: 'a' },
  route: null,
  clients,
  golden,
})

test.each([
  [[way(identity), way('the pod itself')], 'checkout.shop', false],
  [[way(identity), way('any identity')], 'any identity', false],
  [[way('anyone'), way(identity)], 'anyone', true],
  [[way('anyone from 10.0.0.0/8')], 'anyone from 10.0.0.0/8', true],
  [[], 'nobody', false],
])('allowedWords() and isOpen() of %j', (waysIn, words, open) => {
  const server = { kind: 'server', name: 'web-http' }
  expect([allowedWords({ server, waysIn }), isOpen({ waysIn })]).toEqual([words, open])
  const unknown = { kind: 'default', name: '' }
  expect(allowedWords({ server: unknown, waysIn: [] })).toBe('as the mesh has it')
})

const port = {
  server: { kind: 'server', name: 'web-http' },
  rateLimit: { name: 'calm', totalPerSecond: 1, identityPerSecond: null, overrides: 0 },
}
const refused = { client: identity, denied: 0, limited: 0, unrouted: 0, route: null, tls: 'true' }

test.each([
  [{ denied: 2 }, 'web-http does not let it in'],
  [{ denied: 2, client: '10.0.0.1', tls: 'no_tls_from_remote' }, 'no identity: Not Provided By Remote'],
  [{ denied: 2, client: '10.0.0.1' }, 'its TLS shows no identity'],
  [
    { denied: 1, limited: 3, unrouted: 2 },
    'over the rate limit calm; no HTTPRoute of web-http takes it; web-http does not let it in',
  ],
])('refusalWords() of %j says why', (change, words) => {
  expect(refusalWords({ ...refused, ...change }, port)).toBe(words)
})
