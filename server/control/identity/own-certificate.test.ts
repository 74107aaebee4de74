import { X509Certificate } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext } from 'node:tls'
import { expect, test } from 'vitest'
import { webIdentity } from '#server/control/test-mesh.ts'
import { openAuthority } from './authority.ts'
import type { MemberCertificate } from './member-certificate.ts'
import { keepCertificate } from './own-certificate.ts'

test('keepCertificate() has a certificate of its name, and a new one with a new key before that ends', async () => {
  const root = await mkdtemp(join(tmpdir(), 'meshscope-own-'))
  const authority = await openAuthority({
    root,
    controlPlaneNamespace: 'linkerd',
    trustDomain: 'cluster.local',
    issuanceLifetimeMs: 2_000,
    clockSkewAllowanceMs: 0,
    now: Date.now,
  })
  const kept = await keepCertificate({ authority, identity: webIdentity, now: Date.now, log: () => {} })
  const first = kept.current()
  const second = await new Promise<MemberCertificate>(done => {
    kept.subscribe(done)
  })
  expect(Date.now()).toBeLessThan(first.validUntilMs)
  expect(kept.current()).toBe(second)
  expect(second.keyPem).not.toBe(first.keyPem)
  for (const { keyPem, chainPem } of [first, second]) {
    expect(new X509Certificate(chainPem).subjectAltName).toBe(`DNS:${webIdentity}`)
    // Throws when key and certificate don't belong together.
    createSecureContext({ key: keyPem, cert: chainPem })
  }
  kept.close()
  kept.close()
  await rm(root, { recursive: true, force: true })
})
