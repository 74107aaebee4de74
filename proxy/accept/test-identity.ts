import { Buffer } from 'node:buffer'
import { createPublicKey, generateKeyPairSync, type KeyObject, sign, X509Certificate } from 'node:crypto'
import {
  bitString,
  implicitParts,
  implicitValue,
  objectIdentifier,
  octetString,
  sequence,
  set,
  smallInteger,
} from '#proxy/identity/der.ts'
import type { Certified, CertifyFailure, Identity } from '#proxy/identity/identity.ts'
import { createCertified } from '#proxy/identity/secure-contexts.ts'

const TRUE = Buffer.from([0x01, 0x01, 0xff])
const HOUR_MS = 3_600_000

/** A certificate authority that lives as long as its test. */
export class TestAuthority {
  private readonly key: KeyObject
  readonly certificate: X509Certificate

  constructor(private readonly commonName: string) {
    this.key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    this.certificate = this.sign(commonName, this.key, [
      extension('2.5.29.19', sequence(TRUE)),
      extension('2.5.29.15', Buffer.from([0x03, 0x02, 0x02, 0x04])),
    ])
  }

  /** A certificate for `san`, trusting the anchors of all `trusted`: this authority's own when none is told. */
  certify(san: string, ...trusted: readonly TestAuthority[]): Certified {
    const anchors = trusted.length > 0 ? trusted : [this]
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const name = sequence(implicitValue(2, Buffer.from(san, 'latin1')))
    const leaf = this.sign(san.slice(0, 60), privateKey, [extension('2.5.29.17', name)])
    return createCertified({
      key: privateKey,
      chain: [leaf],
      trustAnchorsPem: anchors.map(({ certificate }) => certificate.toString()).join(''),
      expiresAtMs: Date.now() + HOUR_MS,
    })
  }

  private sign(subject: string, key: KeyObject, extensions: readonly Buffer[]): X509Certificate {
    const algorithm = sequence(objectIdentifier('1.2.840.10045.4.3.2'))
    const body = sequence(
      implicitParts(0, smallInteger(2)),
      smallInteger(1 + Math.floor(Math.random() * 126)),
      algorithm,
      commonName(this.commonName),
      sequence(utcTime(Date.now() - HOUR_MS), utcTime(Date.now() + HOUR_MS)),
      commonName(subject),
      createPublicKey(key).export({ type: 'spki', format: 'der' }),
      implicitParts(3, sequence(...extensions)),
    )
    return new X509Certificate(sequence(body, algorithm, bitString(sign('sha256', body, this.key))))
  }
}

/** An identity of this certificate; `renew` gives it another, `fail` has it tell of a failure. */
export function testIdentity(
  name: string,
  first: Certified | null,
): Identity & { renew(certified: Certified): void; fail(failure: CertifyFailure): void } {
  let certified = first
  let failure: CertifyFailure | null = null
  return {
    name,
    current: () => certified,
    failure: () => failure,
    ready: Promise.resolve(),
    close: async () => {},
    renew: next => {
      certified = next
      failure = null
    },
    fail: next => {
      failure = next
    },
  }
}

function extension(oid: string, value: Buffer): Buffer {
  return sequence(objectIdentifier(oid), octetString(value))
}

function commonName(text: string): Buffer {
  const value = Buffer.concat([Buffer.from([0x0c, text.length]), Buffer.from(text, 'latin1')])
  return sequence(set(sequence(objectIdentifier('2.5.4.3'), value)))
}

function utcTime(atMs: number): Buffer {
  const digits = new Date(atMs).toISOString().replace(/[-:T]/g, '').slice(2, 14)
  return Buffer.concat([Buffer.from([0x17, 13]), Buffer.from(`${digits}Z`, 'latin1')])
}
