import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { readdir, rm, rmdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { errors, jwtVerify, SignJWT } from 'jose'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { errorCode } from '#server/data/error-code.ts'
import { makeFolders, readIfPresent, writeWhole } from '#server/data/files.ts'
import { layout } from '#server/data/layout.ts'
import type { Platform } from '#server/platform/platform.ts'
import { newKeyPair, privateKeyToPem } from './certificates.ts'

const audience = 'identity.l5d.io'
const issuer = 'meshscope'
const lifetimeMs = 24 * 3_600_000
/** A token is rewritten when half its life is gone. */
const rewriteAfterMs = lifetimeMs / 2
const lookEveryMs = 10 * 60_000

type TokenAnswer =
  | { readonly identity: string }
  /** Whether it is no token at all, or one that is not good (any more). */
  | { readonly refused: 'malformed' | 'untrusted'; readonly why: string }

/** Tokens of a mesh file's instances: each proves to be one of them, for 24 hours. */
export interface Tokens {
  verify(token: string): Promise<TokenAnswer>
  /** Resolves once the files say what the platform says now. */
  settled(): Promise<void>
  close(): Promise<void>
}

export interface TokensOptions {
  /** The data directory. */
  readonly root: string
  /** Where the tokens are written; by default the data directory. */
  readonly credentialsRoot?: string
  readonly platform: Platform
  readonly now: () => number
  readonly log: (level: 'info' | 'warn', message: string) => void
}

/** Keeps a token file for every meshed instance, and none for others, until closed. */
export async function startTokens({
  root,
  credentialsRoot = root,
  platform,
  now,
  log,
}: TokensOptions): Promise<Tokens> {
  const key = await signingKey(root)
  const publicKey = createPublicKey(key)
  const written = new Map<string, { identity: string; atMs: number }>()
  let work: Promise<void> = Promise.resolve()
  let closed = false

  const sync = async (): Promise<void> => {
    if (closed) return
    const wanted = new Map<string, string>()
    for (const instance of platform.current().instances) {
      if (instance.identity !== null) wanted.set(pathOf(credentialsRoot, instance), instance.identity)
    }
    for (const [path, identity] of wanted) {
      const before = written.get(path)
      if (before?.identity === identity && now() - before.atMs < rewriteAfterMs) continue
      await makeFolders(dirname(path))
      // A token that a crash loses is written again at the next start.
      await writeWhole(path, await sign(key, identity, now()), 0o600, { durable: false })
      written.set(path, { identity, atMs: now() })
    }
    for (const path of await tokenFiles(credentialsRoot)) {
      if (wanted.has(path)) continue
      await rm(path, { force: true })
      written.delete(path)
    }
  }
  const enqueue = (): void => {
    work = work.then(sync).catch((error: unknown) => {
      log('warn', `Tokens could not be written: ${error instanceof Error ? error.message : String(error)}`)
    })
  }

  await sync()
  const stop = platform.subscribe(enqueue)
  const timer = setInterval(enqueue, lookEveryMs).unref()
  return {
    async verify(token) {
      try {
        const { payload } = await jwtVerify(token, publicKey, {
          algorithms: ['ES256'],
          audience,
          issuer,
          requiredClaims: ['sub', 'exp'],
          currentDate: new Date(now()),
        })
        return { identity: payload.sub ?? '' }
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error)
        const malformed = error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid
        return { refused: malformed ? 'malformed' : 'untrusted', why }
      }
    },
    settled: () => work,
    async close() {
      closed = true
      stop()
      clearInterval(timer)
      await work
    },
  }
}

function pathOf(root: string, { namespace, name }: Instance): string {
  return layout.token(root, namespace, name)
}

function sign(key: KeyObject, identity: string, nowMs: number): Promise<string> {
  const nowSeconds = Math.floor(nowMs / 1000)
  return new SignJWT()
    .setProtectedHeader({ alg: 'ES256', typ: 'JWT' })
    .setIssuer(issuer)
    .setSubject(identity)
    .setAudience(audience)
    .setIssuedAt(nowSeconds)
    .setExpirationTime(nowSeconds + lifetimeMs / 1000)
    .sign(key)
}

async function signingKey(root: string): Promise<KeyObject> {
  const path = layout.tokenKey(root)
  let pem = await readIfPresent(path)
  if (pem === null) {
    pem = await privateKeyToPem((await newKeyPair()).privateKey)
    await makeFolders(dirname(path))
    await writeWhole(path, pem, 0o600)
  }
  try {
    return createPrivateKey(pem)
  } catch (error) {
    throw new Error(`Cannot use ${path}: expected a PEM private key`, { cause: error })
  }
}

/** Every file among the tokens, whoever wrote it; folders left empty by others are removed on the way. */
async function tokenFiles(root: string): Promise<string[]> {
  const files: string[] = []
  for (const namespace of await namesIn(layout.tokens(root))) {
    const folder = join(layout.tokens(root), namespace)
    const names = await namesIn(folder)
    if (names.length === 0) await rmdir(folder).catch(() => {})
    files.push(...names.map(name => join(folder, name)))
  }
  return files
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return []
    throw error
  }
}
