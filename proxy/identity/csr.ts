import { createPublicKey, type KeyObject, sign } from 'node:crypto'
import {
  bitString,
  implicitParts,
  implicitValue,
  objectIdentifier,
  octetString,
  sequence,
  set,
  smallInteger,
} from './der.ts'

const EXTENSION_REQUEST = '1.2.840.113549.1.9.14'
const SUBJECT_ALT_NAME = '2.5.29.17'
const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2'
/** GeneralName's choice `dNSName`. */
const DNS_NAME = 2

/**
 * A certificate signing request (PKCS #10, RFC 2986) in DER, signed with the P-256 key: an empty subject, and
 * `dnsName` as its only alternative name.
 */
export function createCsr(privateKey: KeyObject, dnsName: string): Buffer {
  const alternativeNames = sequence(implicitValue(DNS_NAME, Buffer.from(dnsName, 'ascii')))
  const extensions = sequence(sequence(objectIdentifier(SUBJECT_ALT_NAME), octetString(alternativeNames)))
  const info = sequence(
    smallInteger(0),
    sequence(),
    subjectPublicKeyInfo(privateKey),
    implicitParts(0, sequence(objectIdentifier(EXTENSION_REQUEST), set(extensions))),
  )
  const signature = sign('sha256', info, privateKey)
  return sequence(info, sequence(objectIdentifier(ECDSA_WITH_SHA256)), bitString(signature))
}

/** Whether the request is for this key and name, whoever made it. */
export function isCsrFor(csr: Buffer, privateKey: KeyObject, dnsName: string): boolean {
  const name = implicitValue(DNS_NAME, Buffer.from(dnsName, 'ascii'))
  return csr.includes(subjectPublicKeyInfo(privateKey)) && csr.includes(name)
}

function subjectPublicKeyInfo(privateKey: KeyObject): Buffer {
  return createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
}
