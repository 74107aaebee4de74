import 'reflect-metadata'
import { X509Certificate as NodeCertificate } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { webIdentity } from '#server/control/test-mesh.ts'
import { layout } from '#server/data/layout.ts'
import { openAuthority } from './authority.ts'
import { checkCertificateRequest } from './certificate-request.ts'
import { newKeyPair, privateKeyToPem } from './certificates.ts'
import { csr } from './test-csr.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meshscope-authority-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

describe('openAuthority()', () => {
  const options = (now: () => number) => ({
    root: folder,
    controlPlaneNamespace: 'linkerd',
    trustDomain: 'cluster.local',
    issuanceLifetimeMs: 30_000,
    clockSkewAllowanceMs: 0,
    now,
  })
  const dayMs = 24 * 3_600_000

  async function publicKey() {
    const checked = await checkCertificateRequest(await csr(), webIdentity)
    if ('refused' in checked) throw new Error(checked.why)
    return checked.publicKey
  }

  test('makes an anchor for ten years and an issuer for one, and finds them again', async () => {
    const now = Date.now()
    const first = await openAuthority(options(() => now))
    const anchor = new NodeCertificate(first.trustAnchorsPem)
    expect(Math.round((Date.parse(anchor.validTo) - now) / dayMs)).toBe(3650)
    const issued = await first.issue(webIdentity, await publicKey())
    const issuer = new NodeCertificate(issued.intermediatesDer[0] ?? '')
    expect(Math.round((Date.parse(issuer.validTo) - now) / dayMs)).toBe(365)
    expect(issuer.verify(anchor.publicKey)).toBe(true)
    expect(new NodeCertificate(issued.leafDer).verify(issuer.publicKey)).toBe(true)
    expect(Math.abs(issued.validUntilMs - now - 30_000)).toBeLessThan(1000)
    expect((await stat(layout.issuerKey(folder))).mode & 0o777).toBe(0o600)

    const second = await openAuthority(options(() => now))
    expect(second.trustAnchorsPem).toBe(first.trustAnchorsPem)
    const again = await second.issue(webIdentity, await publicKey())
    expect(Buffer.from(again.intermediatesDer[0] ?? '')).toEqual(
      Buffer.from(issued.intermediatesDer[0] ?? ''),
    )
  })

  test('replaces the issuer in the last third of its life, while running', async () => {
    let now = Date.now()
    const authority = await openAuthority(options(() => now))
    const before = await authority.issue(webIdentity, await publicKey())
    now += 250 * dayMs
    const after = await authority.issue(webIdentity, await publicKey())
    expect(Buffer.from(after.intermediatesDer[0] ?? '')).not.toEqual(
      Buffer.from(before.intermediatesDer[0] ?? ''),
    )
    const anchor = new NodeCertificate(authority.trustAnchorsPem)
    expect(new NodeCertificate(after.intermediatesDer[0] ?? '').verify(anchor.publicKey)).toBe(true)
  })

  test('refuses files that are broken or do not belong together', async () => {
    const open = () => openAuthority(options(() => Date.now()))
    await open()
    const issuer = await readFile(layout.issuer(folder))
    const issuerKey = await readFile(layout.issuerKey(folder))
    await writeFile(layout.issuerKey(folder), await privateKeyToPem((await newKeyPair()).privateKey))
    await expect(open()).rejects.toThrow(`expected the key of ${layout.issuer(folder)}, found another`)
    await writeFile(layout.issuerKey(folder), 'banana')
    await expect(open()).rejects.toThrow(/issuer\.pem with .*issuer\.key: expected a PEM private key/)
    await rm(layout.issuerKey(folder))
    await expect(open()).rejects.toThrow(`expected its key at ${layout.issuerKey(folder)}, found none`)
    await rm(layout.identity(folder), { recursive: true })
    await open()
    await writeFile(layout.issuer(folder), issuer)
    await writeFile(layout.issuerKey(folder), issuerKey)
    await expect(open()).rejects.toThrow(`expected a signature by ${layout.trustAnchors(folder)}`)
    const decade = 4000 * dayMs
    await expect(openAuthority(options(() => Date.now() + decade))).rejects.toThrow(/within its validity/)
  })
})
