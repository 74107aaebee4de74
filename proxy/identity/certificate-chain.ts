import { type KeyObject, X509Certificate } from 'node:crypto'

/** More certificates between leaf and trust anchor are not followed. */
const MAX_INTERMEDIATES = 8
/** How far this machine's clock may be behind the issuer's. */
const CLOCK_SKEW_MS = 60_000

/** Certificates of a PEM bundle. Throws when there is none, or one cannot be read. */
export function parsePemBundle(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
  if (blocks.length === 0)
    throw new RangeError('Cannot read trust anchors: expected PEM certificates, got none')
  return blocks.map(block => new X509Certificate(block))
}

/** What a leaf certificate must be for its owner to use it. */
export interface Expected {
  readonly name: string
  readonly key: KeyObject
  readonly trustAnchors: readonly X509Certificate[]
  readonly nowMs: number
}

/**
 * Nothing when the leaf is for this key and name, in force, and signed through the intermediates by a trust
 * anchor. Throws an error that says what is wrong otherwise.
 */
export function checkChain(
  leaf: X509Certificate,
  intermediates: readonly X509Certificate[],
  { name, key, trustAnchors, nowMs }: Expected,
): void {
  const names = (leaf.subjectAltName ?? '').split(', ')
  if (!names.includes(`DNS:${name}`)) {
    throw new Error(`Certificate is not for this proxy: expected DNS:${name}, got ${names.join(', ')}`)
  }
  if (!leaf.checkPrivateKey(key))
    throw new Error('Certificate is for another key than the one it was asked for')
  let current = leaf
  for (let depth = 0; depth <= MAX_INTERMEDIATES; depth++) {
    checkInForce(current, nowMs)
    const subject = current
    const anchor = trustAnchors.find(candidate => isIssuer(candidate, subject))
    if (anchor !== undefined) {
      checkInForce(anchor, nowMs)
      return
    }
    const issuer = intermediates.find(candidate => candidate.ca && isIssuer(candidate, subject))
    if (issuer === undefined) break
    current = issuer
  }
  throw new Error(`Certificate does not lead to a trust anchor: no issuer found of ${described(current)}`)
}

function isIssuer(issuer: X509Certificate, subject: X509Certificate): boolean {
  return subject.checkIssued(issuer) && subject.verify(issuer.publicKey)
}

/** A clock that is a little behind the issuer's must not refuse a new certificate. */
function checkInForce(certificate: X509Certificate, nowMs: number): void {
  const { validFrom, validTo } = certificate
  const now = new Date(nowMs).toISOString()
  if (Date.parse(validTo) <= nowMs) {
    throw new Error(`Certificate of ${described(certificate)} expired at ${validTo}: it is ${now} here`)
  }
  if (Date.parse(validFrom) > nowMs + CLOCK_SKEW_MS) {
    throw new Error(`Certificate of ${described(certificate)} is valid from ${validFrom}: it is ${now} here`)
  }
}

/** By its subject; a leaf has none, only alternative names. */
function described({ subject, subjectAltName }: X509Certificate): string {
  return subject ? `"${subject.replaceAll('\n', ', ')}"` : (subjectAltName ?? 'no one')
}
