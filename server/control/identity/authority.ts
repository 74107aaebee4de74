import 'reflect-metadata'
import {
  createPrivateKey,
  createPublicKey,
  X509Certificate as NodeCertificate,
  type webcrypto,
} from 'node:crypto'
import { type PublicKey, X509Certificate } from '@peculiar/x509'
import { makeFolders, readIfPresent, writeWhole } from '#server/data/files.ts'
import { layout } from '#server/data/layout.ts'
import {
  newKeyPair,
  privateKeyFromPem,
  privateKeyToPem,
  type SigningCertificate,
  signAuthority,
  signLeaf,
} from './certificates.ts'

/** The mesh's certificate authority: a trust anchor, and an issuer under it that signs workloads. */
export interface Authority {
  /** What every proxy trusts. */
  readonly trustAnchorsPem: string
  issue(identity: string, publicKey: PublicKey): Promise<IssuedCertificate>
}

interface IssuedCertificate {
  readonly leafDer: Uint8Array
  /** From the leaf's issuer up, the trust anchor left out. */
  readonly intermediatesDer: readonly Uint8Array[]
  readonly validUntilMs: number
}

export interface AuthorityOptions {
  /** The data directory. */
  readonly root: string
  readonly controlPlaneNamespace: string
  readonly trustDomain: string
  readonly issuanceLifetimeMs: number
  /** How far peers' clocks may lag or lead: certificates begin earlier and end later by so much. */
  readonly clockSkewAllowanceMs: number
  readonly now: () => number
}

const dayMs = 24 * 3_600_000
const anchorLifetimeMs = 3650 * dayMs
const issuerLifetimeMs = 365 * dayMs
/** An issuer is replaced when a third of its life is left; the anchor, which proxies hold, never by itself. */
const issuerRenewalMs = issuerLifetimeMs / 3

/** The authority of a data directory, made on first use. Throws when its files are broken or don't fit together. */
export async function openAuthority(options: AuthorityOptions): Promise<Authority> {
  const { root, now } = options
  await makeFolders(layout.identity(root))
  const anchor =
    (await readSigning(layout.trustAnchors(root), layout.trustAnchorKey(root))) ?? (await makeAnchor(options))
  checkTime(layout.trustAnchors(root), anchor, now())
  const stored = await readSigning(layout.issuer(root), layout.issuerKey(root))
  if (
    stored !== null &&
    !(await stored.certificate.verify({ publicKey: anchor.certificate, signatureOnly: true }))
  ) {
    throw new Error(`Cannot use ${layout.issuer(root)}: expected a signature by ${layout.trustAnchors(root)}`)
  }
  let issuer = stored ?? (await makeIssuer(options, anchor))
  let renewing: Promise<SigningCertificate> | null = null

  async function currentIssuer(): Promise<SigningCertificate> {
    const { notBefore, notAfter } = issuer.certificate
    const good = notBefore.getTime() <= now() && now() < notAfter.getTime() - issuerRenewalMs
    if (good) return issuer
    renewing ??= makeIssuer(options, anchor)
    try {
      issuer = await renewing
    } finally {
      renewing = null
    }
    return issuer
  }
  await currentIssuer()

  return {
    trustAnchorsPem: `${anchor.certificate.toString('pem')}\n`,
    async issue(identity, publicKey) {
      const by = await currentIssuer()
      const { issuanceLifetimeMs, clockSkewAllowanceMs } = options
      const untilMs = Math.min(
        now() + issuanceLifetimeMs + clockSkewAllowanceMs,
        by.certificate.notAfter.getTime(),
      )
      const leaf = await signLeaf(identity, publicKey, by, { fromMs: now() - clockSkewAllowanceMs, untilMs })
      return {
        leafDer: new Uint8Array(leaf.rawData),
        intermediatesDer: [new Uint8Array(by.certificate.rawData)],
        validUntilMs: leaf.notAfter.getTime(),
      }
    },
  }
}

async function makeAnchor(options: AuthorityOptions): Promise<SigningCertificate> {
  const { root, controlPlaneNamespace, trustDomain, now } = options
  const keys = await newKeyPair()
  const name = `root.${controlPlaneNamespace}.${trustDomain}`
  const validity = { fromMs: now() - options.clockSkewAllowanceMs, untilMs: now() + anchorLifetimeMs }
  const certificate = await signAuthority(name, keys, null, 1, validity)
  await write(layout.trustAnchors(root), layout.trustAnchorKey(root), certificate, keys.privateKey)
  return { certificate, key: keys.privateKey }
}

async function makeIssuer(
  options: AuthorityOptions,
  anchor: SigningCertificate,
): Promise<SigningCertificate> {
  const { root, controlPlaneNamespace, trustDomain, now } = options
  const keys = await newKeyPair()
  const name = `identity.${controlPlaneNamespace}.${trustDomain}`
  const untilMs = Math.min(now() + issuerLifetimeMs, anchor.certificate.notAfter.getTime())
  const validity = { fromMs: now() - options.clockSkewAllowanceMs, untilMs }
  const certificate = await signAuthority(name, keys, anchor, 0, validity)
  await write(layout.issuer(root), layout.issuerKey(root), certificate, keys.privateKey)
  return { certificate, key: keys.privateKey }
}

/** The key first: a certificate without its key would be refused at the next start. */
async function write(
  path: string,
  keyPath: string,
  certificate: X509Certificate,
  key: webcrypto.CryptoKey,
): Promise<void> {
  await writeWhole(keyPath, await privateKeyToPem(key), 0o600)
  await writeWhole(path, `${certificate.toString('pem')}\n`, 0o644)
}

async function readSigning(path: string, keyPath: string): Promise<SigningCertificate | null> {
  const pem = await readIfPresent(path)
  if (pem === null) return null
  const keyPem = await readIfPresent(keyPath)
  if (keyPem === null) throw new Error(`Cannot use ${path}: expected its key at ${keyPath}, found none`)
  try {
    const [certificate, key] = [new X509Certificate(pem), await privateKeyFromPem(keyPem)]
    const theirs = new NodeCertificate(pem).publicKey.export({ type: 'spki', format: 'der' })
    const ours = createPublicKey(createPrivateKey(keyPem)).export({ type: 'spki', format: 'der' })
    if (!theirs.equals(ours)) throw new TypeError(`expected the key of ${path}, found another`)
    return { certificate, key }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new Error(`Cannot use ${path} with ${keyPath}: ${why}`, { cause: error })
  }
}

function checkTime(path: string, { certificate }: SigningCertificate, nowMs: number): void {
  const { notBefore, notAfter } = certificate
  if (notBefore.getTime() <= nowMs && nowMs < notAfter.getTime()) return
  const span = `${notBefore.toISOString()} to ${notAfter.toISOString()}`
  throw new Error(
    `Cannot use ${path}: expected to be within its validity, ${span}, found ${new Date(nowMs).toISOString()}`,
  )
}
