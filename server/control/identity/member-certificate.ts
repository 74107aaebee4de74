import 'reflect-metadata'
import { PublicKey } from '@peculiar/x509'
import { readIfPresent } from '#server/data/files.ts'
import { layout } from '#server/data/layout.ts'
import { type Authority, type AuthorityOptions, openAuthority } from './authority.ts'
import { newKeyPair, privateKeyToPem } from './certificates.ts'

/** What the server proves its name with, and whom it trusts; all as PEM. */
export interface MemberCertificate {
  readonly keyPem: string
  /** The leaf first. */
  readonly chainPem: string
  readonly trustAnchorsPem: string
  readonly validUntilMs: number
}

/** Renewed when less than this share of its life is left, as proxies do. */
const renewalShare = 0.3

/**
 * The server's own place in the mesh: a certificate for `identity` of the data directory's authority, kept in memory.
 * Each call gives the one in use, made anew when its end is near. Rejects while the directory has no authority: only
 * the control plane makes one.
 */
export function memberCertificate(
  identity: string,
  options: AuthorityOptions,
): () => Promise<MemberCertificate> {
  const { now, root } = options
  let inUse: { readonly certificate: MemberCertificate; readonly renewAtMs: number } | null = null
  let making: Promise<MemberCertificate> | null = null

  async function make(): Promise<MemberCertificate> {
    if ((await readIfPresent(layout.trustAnchors(root))) === null) {
      throw new Error(
        `Cannot join the mesh: expected its authority in ${layout.identity(root)}, found none; run with the --data-dir of the control plane`,
      )
    }
    const authority = await openAuthority(options)
    const certificate = await issueMemberCertificate(authority, identity)
    const lifeMs = certificate.validUntilMs - now()
    inUse = { certificate, renewAtMs: certificate.validUntilMs - lifeMs * renewalShare }
    return certificate
  }

  return () => {
    if (inUse !== null && now() < inUse.renewAtMs) return Promise.resolve(inUse.certificate)
    making ??= make().finally(() => {
      making = null
    })
    return making
  }
}

/** A new certificate for `identity` with a new key. */
export async function issueMemberCertificate(
  authority: Authority,
  identity: string,
): Promise<MemberCertificate> {
  const keys = await newKeyPair()
  const { leafDer, intermediatesDer, validUntilMs } = await authority.issue(
    identity,
    await PublicKey.create(keys.publicKey),
  )
  return {
    keyPem: await privateKeyToPem(keys.privateKey),
    chainPem: [leafDer, ...intermediatesDer].map(certificatePem).join(''),
    trustAnchorsPem: authority.trustAnchorsPem,
    validUntilMs,
  }
}

function certificatePem(der: Uint8Array): string {
  const lines = Buffer.from(der)
    .toString('base64')
    .replaceAll(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`
}
