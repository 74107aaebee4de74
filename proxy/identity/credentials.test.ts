import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loadCredentials } from './credentials.ts'

let directory = ''
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'credentials-'))
})
afterEach(() => rm(directory, { recursive: true }))

test('loadCredentials() makes what is missing, for the owner alone, and finds it again', async () => {
  const made = await loadCredentials(join(directory, 'new'), 'web.shop')
  const again = await loadCredentials(join(directory, 'new'), 'web.shop')
  expect(again.key.equals(made.key)).toBe(true)
  expect(again.csr.equals(made.csr)).toBe(true)
  for (const file of ['key.p8', 'csr.der']) {
    expect((await stat(join(directory, 'new', file))).mode & 0o777).toBe(0o600)
  }
})

test('loadCredentials() asks anew, when the request there is for another name', async () => {
  const before = await loadCredentials(directory, 'web.shop')
  const after = await loadCredentials(directory, 'users.shop')
  expect(after.key.equals(before.key)).toBe(true)
  expect(await readFile(join(directory, 'csr.der'))).toEqual(after.csr)
  expect(after.csr.equals(before.csr)).toBe(false)
})

test('loadCredentials() refuses a key it cannot use, saying why', async () => {
  await writeFile(join(directory, 'key.p8'), 'no key')
  await expect(loadCredentials(directory, 'web.shop')).rejects.toThrow(/expected a PKCS #8 private key/)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })
  await writeFile(join(directory, 'key.p8'), privateKey.export({ type: 'pkcs8', format: 'der' }))
  await expect(loadCredentials(directory, 'web.shop')).rejects.toThrow(/expected a P-256 key, got secp384r1/)
})
