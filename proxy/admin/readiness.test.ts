import { afterEach, expect, test } from 'vitest'
import { TestAuthority, testIdentity } from '#proxy/accept/test-identity.ts'
import { Cleanup } from '#proxy/accept/test-sockets.ts'
import { startAdmin } from './admin.ts'
import { createReadiness } from './readiness.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

test('/ready is 503 while the certificate has expired', async () => {
  const authority = new TestAuthority('mesh')
  const certified = authority.certify('web')
  const identity = testIdentity('web', certified)
  let nowMs = certified.expiresAtMs - 1
  const notReady = createReadiness({
    identity,
    serving: () => 'serving',
    nowMs: () => nowMs,
  })
  const admin = await startAdmin({
    listen: { host: '127.0.0.1', port: 0 },
    notReady,
    renderMetrics: () => new Uint8Array(),
    environment: {},
    shutdown: null,
    nowMs: () => nowMs,
  })
  cleanup.add(admin, one => one.close())
  const ready = async () => (await fetch(`http://127.0.0.1:${admin.address.port}/ready`)).status
  const text = async () => (await fetch(`http://127.0.0.1:${admin.address.port}/ready`)).text()
  expect(await ready()).toBe(200)
  nowMs++
  expect(await ready()).toBe(503)
  expect(await text()).toMatch(/^not ready: the certificate of web has expired at \d{4}-.*Z\n$/)
  identity.renew({ ...certified, expiresAtMs: nowMs + 1 })
  expect(await ready()).toBe(200)
})

test('createReadiness() says what is missing', () => {
  const nowMs = Date.now
  const uncertified = testIdentity('web', null)
  const first = createReadiness({ identity: uncertified, serving: () => 'starting', nowMs })
  expect(first()).toBe('no certificate yet for web')
  uncertified.fail({ attempts: 3, sinceMs: 0, lastAtMs: 1500, nextAtMs: 2500, message: 'No answer\nat all' })
  expect(first()).toBe(
    'no certificate yet for web\nNo answer at all\n' +
      'attempts=3 since=1970-01-01T00:00:00.000Z last=1970-01-01T00:00:01.500Z next=1970-01-01T00:00:02.500Z',
  )
  const identity = testIdentity('web', new TestAuthority('mesh').certify('web'))
  expect(createReadiness({ identity, serving: () => 'starting', nowMs })()).toContain('being opened')
  expect(createReadiness({ identity, serving: () => 'draining', nowMs })()).toContain('draining')
  expect(createReadiness({ identity, serving: () => 'serving', nowMs })()).toBeNull()
})
