import 'reflect-metadata'
import { createPrivateKey, X509Certificate as NodeCertificate, webcrypto } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { Code, ConnectError } from '@connectrpc/connect'
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension } from '@peculiar/x509'
import { SignJWT } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestControl, type TestControl } from '#server/control/test-control.ts'
import { batchPod, mesh, webIdentity, webPod } from '#server/control/test-mesh.ts'
import { layout } from '#server/data/layout.ts'
import { openMeshFile } from '#server/platform/mesh-file/mesh-file.ts'
import type { Platform } from '#server/platform/platform.ts'
import { newKeyPair, privateKeyToPem } from './certificates.ts'
import { csr } from './test-csr.ts'

const settings = {
  clusterDomain: 'cluster.local',
  trustDomain: 'cluster.local',
  controlPlaneNamespace: 'linkerd',
}

let folder: string
let platform: Platform
let control: TestControl

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meshscope-identity-'))
  await writeFile(join(folder, 'mesh.yaml'), mesh(webPod(1, 'a'), batchPod))
  const opened = await openMeshFile({ ...settings, path: join(folder, 'mesh.yaml'), debounceMs: 10 })
  if ('problems' in opened) throw new Error(opened.problems.join('\n'))
  platform = opened.platform
  control = await startTestControl(platform)
})
afterEach(async () => {
  await control.close()
  await platform.close()
  await rm(folder, { recursive: true, force: true })
})

const tokenPath = (): string => layout.token(control.root, 'shop', 'web-1')

async function certify(parts: { identity?: string; token?: Uint8Array; csr?: Uint8Array } = {}) {
  return control.identity.certify({
    identity: parts.identity ?? webIdentity,
    token: parts.token ?? (await readFile(tokenPath())),
    certificateSigningRequest: parts.csr ?? (await csr()),
  })
}

async function refusal(parts: Parameters<typeof certify>[0]): Promise<{ code: string; message: string }> {
  const error = await certify(parts).then(
    () => null,
    (reason: unknown) => ConnectError.from(reason),
  )
  return { code: error === null ? 'granted' : (Code[error.code] ?? ''), message: error?.rawMessage ?? '' }
}

async function signedToken(claims: {
  audience?: string
  subject?: string
  expiresAt?: number
  key?: ReturnType<typeof createPrivateKey>
}): Promise<Uint8Array> {
  const key = claims.key ?? createPrivateKey(await readFile(layout.tokenKey(control.root)))
  const token = await new SignJWT()
    .setProtectedHeader({ alg: 'ES256' })
    .setIssuer('meshscope')
    .setSubject(claims.subject ?? webIdentity)
    .setAudience(claims.audience ?? 'identity.l5d.io')
    .setExpirationTime(claims.expiresAt ?? Math.floor(Date.now() / 1000) + 60)
    .sign(key)
  return Buffer.from(token)
}

describe('Certify', () => {
  test('answers a certificate that proves the identity to a peer, both ways', async () => {
    const keys = await newKeyPair()
    const answer = await certify({ csr: await csr({ keys, commonName: webIdentity }) })
    const leaf = new NodeCertificate(answer.leafCertificate)
    expect(leaf.subjectAltName).toBe(`DNS:${webIdentity}`)
    expect(leaf.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1', '1.3.6.1.5.5.7.3.2'])
    expect(leaf.ca).toBe(false)
    const untilMs = Number(answer.validUntil?.seconds ?? 0n) * 1000
    expect(untilMs).toBe(Date.parse(leaf.validTo))
    expect(untilMs - Date.now()).toBeGreaterThan(24 * 3_600_000)
    expect(Date.parse(leaf.validFrom)).toBeLessThan(Date.now())

    const ca = await readFile(layout.trustAnchors(control.root), 'utf8')
    const chain = [answer.leafCertificate, ...answer.intermediateCertificates]
      .map(der => new NodeCertificate(der).toString())
      .join('')
    const own = {
      key: await privateKeyToPem(keys.privateKey),
      cert: chain,
      ca,
      minVersion: 'TLSv1.3' as const,
    }
    const server = createServer({ ...own, requestCert: true, rejectUnauthorized: true })
    const accepted = once(server, 'secureConnection') as Promise<[TLSSocket]>
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const client = connect({ ...own, host: '127.0.0.1', port, servername: webIdentity })
    await once(client, 'secureConnect')
    expect(client.authorized).toBe(true)
    const [peer] = await accepted
    expect(peer.getPeerCertificate().subjectaltname).toBe(`DNS:${webIdentity}`)
    client.destroy()
    server.close()
  })

  test('refuses what cannot be read as InvalidArgument', async () => {
    const invalid = (message: string) => ({
      code: 'InvalidArgument',
      message: expect.stringContaining(message),
    })
    expect(await refusal({ identity: '' })).toEqual(invalid('expected a DNS name'))
    expect(await refusal({ identity: 'Web Shop' })).toEqual(invalid('expected a DNS name'))
    expect(await refusal({ token: new Uint8Array() })).toEqual(invalid('expected a token'))
    expect(await refusal({ token: Buffer.from('banana') })).toEqual(invalid('token: '))
    expect(await refusal({ csr: new Uint8Array() })).toEqual(invalid('expected a certificate request'))
    expect(await refusal({ csr: Buffer.from('banana') })).toEqual(invalid('certificate request: '))
    expect(await refusal({ csr: new Uint8Array(20_000) })).toEqual(invalid('at most 16384 bytes'))
  })

  test('refuses a request for anything but the one name, as FailedPrecondition', async () => {
    const refused = (message: string) => ({
      code: 'FailedPrecondition',
      message: expect.stringContaining(message),
    })
    const dns = { type: 'dns', value: webIdentity } as const
    expect(await refusal({ csr: await csr({ names: [] }) })).toEqual(refused('expected one DNS name'))
    expect(await refusal({ csr: await csr({ names: [{ type: 'dns', value: 'other.shop' }] }) })).toEqual(
      refused('found other.shop'),
    )
    expect(await refusal({ csr: await csr({ names: [dns, { type: 'dns', value: 'a.b' }] }) })).toEqual(
      refused('expected one DNS name'),
    )
    for (const extra of [
      { type: 'email', value: 'a@b.c' },
      { type: 'ip', value: '10.0.0.1' },
      { type: 'url', value: 'spiffe://a/b' },
    ] as const) {
      expect(await refusal({ csr: await csr({ names: [dns, extra] }) })).toEqual(refused(extra.type))
    }
    expect(await refusal({ csr: await csr({ commonName: 'root' }) })).toEqual(
      refused('expected the common name'),
    )
    expect(await refusal({ csr: await csr({ commonName: '' }) })).toMatchObject({ code: 'granted' })
  })

  test('refuses a request that its own key did not sign', async () => {
    const forged = await csr()
    forged[forged.length - 5] = (forged[forged.length - 5] ?? 0) ^ 1
    expect(await refusal({ csr: forged })).toMatchObject({
      code: 'FailedPrecondition',
      message: expect.stringContaining('signature'),
    })
  })

  test('refuses keys of another curve or kind', async () => {
    const p384 = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, [
      'sign',
      'verify',
    ])
    expect(await refusal({ csr: await csr({ keys: p384 }) })).toMatchObject({
      code: 'FailedPrecondition',
      message: expect.stringContaining('expected an ECDSA key on P-256'),
    })
    const rsa = await webcrypto.subtle.generateKey(
      {
        name: 'RSASSA-PKCS1-v1_5',
        hash: 'SHA-256',
        modulusLength: 2048,
        publicExponent: new Uint8Array([1, 0, 1]),
      },
      true,
      ['sign', 'verify'],
    )
    const request = await Pkcs10CertificateRequestGenerator.create({
      keys: rsa,
      signingAlgorithm: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' },
      extensions: [new SubjectAlternativeNameExtension([{ type: 'dns', value: webIdentity }])],
    })
    expect(await refusal({ csr: new Uint8Array(request.rawData) })).toMatchObject({
      code: 'FailedPrecondition',
    })
  })

  test('refuses tokens that are not good', async () => {
    const token = async (claims: Parameters<typeof signedToken>[0]) =>
      refusal({ token: await signedToken(claims) })
    expect(await token({})).toMatchObject({ code: 'granted' })
    expect(await token({ audience: 'kubernetes' })).toMatchObject({ code: 'FailedPrecondition' })
    expect(await token({ expiresAt: 1000 })).toMatchObject({ code: 'FailedPrecondition' })
    expect(await token({ subject: 'cart.shop.serviceaccount.identity.linkerd.cluster.local' })).toMatchObject(
      {
        code: 'FailedPrecondition',
        message: expect.stringContaining('found that of cart.shop'),
      },
    )
    const strange = createPrivateKey(await privateKeyToPem((await newKeyPair()).privateKey))
    expect(await token({ key: strange })).toMatchObject({ code: 'FailedPrecondition' })
  })

  test('refuses an identity that no instance has any more', async () => {
    const token = await readFile(tokenPath())
    const changed = new Promise<void>(resolve => {
      const stop = platform.subscribe(() => {
        stop()
        resolve()
      })
    })
    await writeFile(join(folder, 'mesh.yaml'), batchPod)
    await changed
    expect(await refusal({ token })).toMatchObject({
      code: 'FailedPrecondition',
      message: expect.stringContaining('found none'),
    })
  })
})
