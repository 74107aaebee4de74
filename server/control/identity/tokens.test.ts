import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { decodeJwt } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startTestControl, type TestControl } from '#server/control/test-control.ts'
import { batchPod, mesh, webIdentity, webPod } from '#server/control/test-mesh.ts'
import { layout } from '#server/data/layout.ts'
import { openMeshFile } from '#server/platform/mesh-file/mesh-file.ts'
import type { Platform } from '#server/platform/platform.ts'
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
  folder = await mkdtemp(join(tmpdir(), 'meshscope-tokens-'))
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

describe('tokens', () => {
  test('each meshed instance has one, readable by its owner alone', async () => {
    expect((await stat(tokenPath())).mode & 0o777).toBe(0o600)
    const claims = decodeJwt(await readFile(tokenPath(), 'utf8'))
    expect(claims).toMatchObject({ aud: 'identity.l5d.io', sub: webIdentity })
    expect((claims.exp ?? 0) - (claims.iat ?? 0)).toBe(24 * 3600)
    expect(await readdir(layout.tokens(control.root))).toEqual(['shop'])
  })

  test('come and go with the instances of the mesh file', async () => {
    const folderOfTokens = dirname(tokenPath())
    await writeFile(join(folder, 'mesh.yaml'), mesh(webPod(2, 'a'), batchPod))
    await expect.poll(() => readdir(folderOfTokens), { timeout: 5000 }).toEqual(['web-2.jwt'])
  })

  test('are signed by the same key after a restart', async () => {
    const token = await readFile(tokenPath())
    await control.control.close()
    const again = await startTestControl(platform, { root: join(folder, 'data') })
    await again.close()
    const third = await startTestControl(platform, { root: join(folder, 'data') })
    const mine = await readFile(layout.token(third.root, 'shop', 'web-1'))
    await expect(
      third.identity.certify({ identity: webIdentity, token: mine, certificateSigningRequest: await csr() }),
    ).resolves.toBeDefined()
    await expect(
      third.identity.certify({ identity: webIdentity, token, certificateSigningRequest: await csr() }),
    ).rejects.toThrow(/token/)
    await third.close()
  })
})
