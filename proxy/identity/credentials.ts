import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCsr, isCsrFor } from './csr.ts'

/** The key of a proxy, and its request for a certificate. */
export interface Credentials {
  readonly key: KeyObject
  readonly csr: Buffer
}

/**
 * The credentials in the directory: `key.p8` (PKCS #8) and `csr.der`. What is missing is made, readable by the
 * owner alone; a request for another key or name is replaced. Throws when the key is no P-256 key.
 */
export async function loadCredentials(directory: string, name: string): Promise<Credentials> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const key = await loadKey(join(directory, 'key.p8'))
  const path = join(directory, 'csr.der')
  const stored = await readIfPresent(path)
  if (stored !== null && isCsrFor(stored, key, name)) return { key, csr: stored }
  const csr = createCsr(key, name)
  await writeWhole(path, csr)
  return { key, csr }
}

async function loadKey(path: string): Promise<KeyObject> {
  const stored = await readIfPresent(path)
  if (stored !== null) return parseKey(stored, path)
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  await writeWhole(path, privateKey.export({ type: 'pkcs8', format: 'der' }))
  return privateKey
}

function parseKey(der: Buffer, path: string): KeyObject {
  let key: KeyObject
  try {
    key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  } catch (cause) {
    throw new Error(`Cannot read ${path}: expected a PKCS #8 private key in DER`, { cause })
  }
  const curve = key.asymmetricKeyDetails?.namedCurve
  if (curve !== 'prime256v1') {
    throw new Error(`Cannot use ${path}: expected a P-256 key, got ${curve ?? key.asymmetricKeyType}`)
  }
  return key
}

async function readIfPresent(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** A reader never sees half a file. */
async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const part = `${path}.${process.pid}.part`
  await writeFile(part, bytes, { mode: 0o600 })
  await rename(part, path)
}
