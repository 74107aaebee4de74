import 'reflect-metadata'
import { randomBytes, webcrypto } from 'node:crypto'
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  type PublicKey,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  type X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509'

/** ECDSA over P-256 with SHA-256: the one algorithm of the mesh's certificates. */
const keyAlgorithm = { name: 'ECDSA', namedCurve: 'P-256' } as const
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' } as const

export interface SigningCertificate {
  readonly certificate: X509Certificate
  readonly key: webcrypto.CryptoKey
}

export interface Validity {
  readonly fromMs: number
  readonly untilMs: number
}

/** A new key pair whose private half can be written down. */
export function newKeyPair(): Promise<webcrypto.CryptoKeyPair> {
  return webcrypto.subtle.generateKey(keyAlgorithm, true, ['sign', 'verify'])
}

/** A certificate that signs others: by `by`, or by itself when that is `null`. `pathLength`: CAs allowed below it. */
export async function signAuthority(
  commonName: string,
  keys: webcrypto.CryptoKeyPair,
  by: SigningCertificate | null,
  pathLength: number,
  validity: Validity,
): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    subject: [{ CN: [commonName] }],
    issuer: by ? by.certificate.subject : [{ CN: [commonName] }],
    notBefore: new Date(validity.fromMs),
    notAfter: new Date(validity.untilMs),
    publicKey: keys.publicKey,
    signingKey: by ? by.key : keys.privateKey,
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(true, pathLength, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(by ? by.certificate.publicKey : keys.publicKey),
    ],
  })
}

/** A workload's certificate: `identity` is its one DNS name, and it serves as client and server. */
export async function signLeaf(
  identity: string,
  publicKey: PublicKey,
  by: SigningCertificate,
  validity: Validity,
): Promise<X509Certificate> {
  return X509CertificateGenerator.create({
    serialNumber: newSerialNumber(),
    // A common name holds 64 characters at most, and identities are often longer.
    subject: identity.length <= 64 ? [{ CN: [identity] }] : [],
    issuer: by.certificate.subject,
    notBefore: new Date(validity.fromMs),
    notAfter: new Date(validity.untilMs),
    publicKey,
    signingKey: by.key,
    signingAlgorithm,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature | KeyUsageFlags.keyEncipherment, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      // RFC 5280, 4.2.1.6: critical where the subject is empty.
      new SubjectAlternativeNameExtension([{ type: 'dns', value: identity }], identity.length > 64),
      await AuthorityKeyIdentifierExtension.create(by.certificate.publicKey),
    ],
  })
}

/** A private key as PEM (PKCS #8). */
export async function privateKeyToPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key))
  const lines = der.toString('base64').replaceAll(/.{64}(?=.)/g, '$&\n')
  return `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`
}

/** The P-256 private key of a PEM text. Throws when it holds none. */
export async function privateKeyFromPem(pem: string): Promise<webcrypto.CryptoKey> {
  const body = /-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----/.exec(pem)?.[1]
  if (body === undefined) throw new TypeError('expected a PEM private key (PKCS #8)')
  return webcrypto.subtle.importKey('pkcs8', Buffer.from(body, 'base64'), keyAlgorithm, false, ['sign'])
}

/** 16 random bytes as hex; positive and not shortened, as RFC 5280, 4.1.2.2 wants it. */
function newSerialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}
