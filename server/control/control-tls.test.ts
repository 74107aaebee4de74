import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { connect as connectHttp2 } from 'node:http2'
import { networkInterfaces, tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls'
import { createClient } from '@connectrpc/connect'
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Destination } from '#lib/mesh-api/gen/io/linkerd/proxy/destination_pb.ts'
import { layout } from '#server/data/layout.ts'
import { openMeshFile } from '#server/platform/mesh-file/mesh-file.ts'
import type { Platform } from '#server/platform/platform.ts'
import { openAuthority } from './identity/authority.ts'
import type { MemberCertificate } from './identity/member-certificate.ts'
import { keepCertificate } from './identity/own-certificate.ts'
import { startTestControl, type TestControl } from './test-control.ts'
import { mesh, webIdentity, webPod, webService } from './test-mesh.ts'

const identityName = 'linkerd-identity.linkerd.serviceaccount.identity.linkerd.cluster.local'
const destinationName = 'linkerd-destination.linkerd.serviceaccount.identity.linkerd.cluster.local'

/** An address of this machine that is not loopback's. */
const outside = Object.values(networkInterfaces())
  .flat()
  .find(address => address && !address.internal && address.family === 'IPv4')?.address

let folder: string
let platform: Platform
let control: TestControl
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'meshscope-control-tls-'))
  await writeFile(join(folder, 'mesh.yaml'), mesh(webService, webPod(1, 'a')))
  const opened = await openMeshFile({
    path: join(folder, 'mesh.yaml'),
    clusterDomain: 'cluster.local',
    trustDomain: 'cluster.local',
    controlPlaneNamespace: 'linkerd',
  })
  if ('problems' in opened) throw new Error(opened.problems.join('\n'))
  platform = opened.platform
  control = await startTestControl(platform, {
    root: join(folder, 'data'),
    credentialsDir: join(folder, 'credentials'),
    ...(outside !== undefined && { host: outside }),
  })
})
afterEach(async () => {
  await control.close()
  await platform.close()
  await rm(folder, { recursive: true, force: true })
})

/** A certificate of the mesh, as a proxy has one. */
async function member(root = control.root): Promise<MemberCertificate> {
  const authority = await openAuthority({
    root,
    controlPlaneNamespace: 'linkerd',
    trustDomain: 'cluster.local',
    issuanceLifetimeMs: 60_000,
    clockSkewAllowanceMs: 0,
    now: Date.now,
  })
  const kept = await keepCertificate({ authority, identity: webIdentity, now: Date.now, log: () => {} })
  kept.close()
  return kept.current()
}

const anchors = (): Promise<string> => readFile(layout.trustAnchors(join(folder, 'credentials')), 'utf8')

/** Whether the server lets a peer speak: it begins to speak HTTP/2 itself, which it does once it has let it in. */
async function isLetIn(port: number, tls: ConnectionOptions): Promise<boolean> {
  const socket = connect({ host: outside, port, ca: await anchors(), ...tls })
  const isIn = await new Promise<boolean>(done => {
    socket.on('data', () => done(true))
    socket.on('error', () => done(false))
    socket.on('close', () => done(false))
  })
  socket.destroy()
  return isIn
}

const as = (servername: string, own?: MemberCertificate): ConnectionOptions => ({
  servername,
  ALPNProtocols: ['h2'],
  ...(own && { key: own.keyPem, cert: own.chainPem }),
})

const note = outside === undefined ? ' (found none here)' : ''

describe.skipIf(note !== '')(`startControl() on an address that is not loopback${note}`, () => {
  test('proves who it is in TLS 1.3, and speaks nothing older and no plaintext', async () => {
    const { identity, destination } = control.control.ports
    const name = async (port: number): Promise<string | undefined> => {
      const socket = await secured(port, { ...as('x'), rejectUnauthorized: false })
      const { subjectaltname } = socket.getPeerCertificate()
      expect(socket.getProtocol()).toBe('TLSv1.3')
      socket.destroy()
      return subjectaltname
    }
    expect(await name(identity)).toBe(`DNS:${identityName}`)
    expect(await name(destination)).toBe(`DNS:${destinationName}`)
    expect(await isLetIn(identity, { ...as(identityName), maxVersion: 'TLSv1.2' })).toBe(false)
    const plain = connectHttp2(`http://${outside}:${identity}`)
    await new Promise<void>(done => {
      plain.on('error', () => {})
      plain.on('close', done)
    })
  })

  test('certifies who has no certificate yet, and answers nothing else without one of the mesh', async () => {
    const { identity, destination, policy } = control.control.ports
    const own = await member()
    const other = await member(join(folder, 'other'))
    expect(await isLetIn(identity, as(identityName))).toBe(true)
    for (const port of [destination, policy]) {
      expect(await isLetIn(port, as(destinationName))).toBe(false)
      expect(await isLetIn(port, as(destinationName, other))).toBe(false)
      expect(await isLetIn(port, as(destinationName, own))).toBe(true)
    }
  })

  test('streams destinations to a member', async () => {
    const own = await member()
    const baseUrl = `https://${outside}:${control.control.ports.destination}`
    const sessionManager = new Http2SessionManager(
      baseUrl,
      {},
      { ca: await anchors(), ...as(destinationName, own) },
    )
    const client = createClient(Destination, createGrpcTransport({ baseUrl, sessionManager }))
    for await (const { update } of client.get({ path: 'web.shop.svc.cluster.local:80' })) {
      expect(update.case).toBe('add')
      break
    }
    sessionManager.abort()
  })
})

test('startControl() hands tokens and anchors out in a folder without keys', async () => {
  const credentials = join(folder, 'credentials')
  expect((await stat(layout.token(credentials, 'shop', 'web-1'))).mode & 0o777).toBe(0o600)
  expect(await anchors()).toBe(await readFile(layout.trustAnchors(control.root), 'utf8'))
  await expect(stat(layout.trustAnchorKey(credentials))).rejects.toThrow('ENOENT')
  await expect(stat(layout.issuerKey(credentials))).rejects.toThrow('ENOENT')
  await expect(stat(layout.tokens(control.root))).rejects.toThrow('ENOENT')
})

function secured(port: number, options: ConnectionOptions): Promise<TLSSocket> {
  return new Promise((done, fail) => {
    const socket = connect({ host: outside, port, ...options }, () => done(socket))
    socket.on('error', fail)
  })
}
