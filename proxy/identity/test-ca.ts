import { createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import {
  bitString,
  implicitParts,
  implicitValue,
  objectIdentifier,
  octetString,
  sequence,
  set,
  smallInteger,
  tagged,
} from './der.ts'

/** A certificate authority for tests: a trust anchor, and an issuer below it. */
export interface TestCa {
  readonly trustAnchorsPem: string
  /** A certificate in DER for the request's P-256 key, and its issuer's. Certificates last whole seconds: a while longer. */
  issue(
    csr: Uint8Array,
    options: { dnsName: string; lifetimeMs: number },
  ): { readonly leaf: Buffer; readonly intermediate: Buffer; readonly validUntilMs: number }
}

const YEAR_MS = 365 * 86_400_000
const ECDSA_WITH_SHA256 = sequence(objectIdentifier('1.2.840.10045.4.3.2'))

export function createTestCa(): TestCa {
  const anchorKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const issuerKey = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
  const anchor = certificate({
    subject: name('test anchor'),
    issuer: name('test anchor'),
    publicKey: spki(anchorKey),
    signingKey: anchorKey,
    lifetimeMs: YEAR_MS,
    extension: certificateAuthority(),
  })
  const intermediate = certificate({
    subject: name('test issuer'),
    issuer: name('test anchor'),
    publicKey: spki(issuerKey),
    signingKey: anchorKey,
    lifetimeMs: YEAR_MS,
    extension: certificateAuthority(),
  })
  return {
    trustAnchorsPem: pem(anchor),
    issue(csr, { dnsName, lifetimeMs }) {
      const leaf = certificate({
        subject: sequence(),
        issuer: name('test issuer'),
        publicKey: requestedKey(Buffer.from(csr)),
        signingKey: issuerKey,
        lifetimeMs: lifetimeMs + 10_000,
        extension: alternativeName(dnsName),
      })
      return { leaf, intermediate, validUntilMs: Date.now() + lifetimeMs }
    },
  }
}

interface Contents {
  readonly subject: Buffer
  readonly issuer: Buffer
  readonly publicKey: Buffer
  readonly signingKey: KeyObject
  readonly lifetimeMs: number
  readonly extension: Buffer
}

function certificate({ subject, issuer, publicKey, signingKey, lifetimeMs, extension }: Contents): Buffer {
  const contents = sequence(
    implicitParts(0, smallInteger(2)),
    smallInteger(1),
    ECDSA_WITH_SHA256,
    issuer,
    sequence(time(Date.now() - 60_000), time(Date.now() + lifetimeMs)),
    subject,
    publicKey,
    implicitParts(3, sequence(extension)),
  )
  return sequence(contents, ECDSA_WITH_SHA256, bitString(sign('sha256', contents, signingKey)))
}

function certificateAuthority(): Buffer {
  const yes = tagged(0x01, Uint8Array.of(0xff))
  return sequence(objectIdentifier('2.5.29.19'), yes, octetString(sequence(yes)))
}

function alternativeName(dnsName: string): Buffer {
  const names = sequence(implicitValue(2, Buffer.from(dnsName)))
  return sequence(objectIdentifier('2.5.29.17'), octetString(names))
}

function name(common: string): Buffer {
  return sequence(set(sequence(objectIdentifier('2.5.4.3'), tagged(0x0c, Buffer.from(common)))))
}

/** GeneralizedTime: `20260102030405Z`. */
function time(atMs: number): Buffer {
  const digits = new Date(atMs).toISOString().replaceAll(/[-:T]|\.\d+/g, '')
  return tagged(0x18, Buffer.from(digits))
}

function spki(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
}

/** A P-256 public key in DER is 91 bytes, of which the first 26 are always the same. */
function requestedKey(csr: Buffer): Buffer {
  const sample = spki(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
  const start = csr.indexOf(sample.subarray(0, 26))
  return csr.subarray(start, start + sample.length)
}

function pem(der: Buffer): string {
  return `-----BEGIN CERTIFICATE-----\n${der.toString('base64')}\n-----END CERTIFICATE-----\n`
}
