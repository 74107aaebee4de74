import { afterEach, expect, test } from 'vitest'
import { TestAuthority, testIdentity } from '#proxy/accept/test-identity.ts'
import { Cleanup } from '#proxy/accept/test-sockets.ts'
import { createLog } from '#proxy/log.ts'
import { startAdmin } from './admin.ts'
import { createReadiness } from './readiness.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

test('/ready is 503 while the certificate has expired, and the log says so once', async () => {
  const authority = new TestAuthority('mesh')
  const certified = authority.certify('web')
  const identity = testIdentity('web', certified)
  const lines: string[] = []
  let nowMs = certified.expiresAtMs - 1
  const isReady = createReadiness({
    identity,
    isServing: () => true,
    log: createLog({ level: 'info', write: line => lines.push(line), nowMs: () => nowMs }),
    nowMs: () => nowMs,
  })
  const admin = await startAdmin({
    listen: { host: '127.0.0.1', port: 0 },
    isReady,
    renderMetrics: () => new Uint8Array(),
    environment: {},
    shutdown: null,
    nowMs: () => nowMs,
  })
  cleanup.add(admin, one => one.close())
  const ready = async () => (await fetch(`http://127.0.0.1:${admin.address.port}/ready`)).status
  expect(await ready()).toBe(200)
  nowMs++
  expect(await ready()).toBe(503)
  expect(await ready()).toBe(503)
  expect(lines).toEqual([expect.stringContaining('certificate has expired')])
  identity.renew({ ...certified, expiresAtMs: nowMs + 1 })
  expect(await ready()).toBe(200)
  expect(lines).toHaveLength(2)
})

test('createReadiness() answers no before a certificate came, and while nothing is served', () => {
  const log = createLog({ level: 'error', write: () => {}, nowMs: Date.now })
  const nowMs = Date.now
  const uncertified = testIdentity('web', null)
  expect(createReadiness({ identity: uncertified, isServing: () => true, log, nowMs })()).toBe(false)
  const identity = testIdentity('web', new TestAuthority('mesh').certify('web'))
  expect(createReadiness({ identity, isServing: () => false, log, nowMs })()).toBe(false)
})
