import 'reflect-metadata'
import type { webcrypto } from 'node:crypto'
import {
  type JsonGeneralNames,
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
} from '@peculiar/x509'
import { webIdentity } from '#server/control/test-mesh.ts'
import { newKeyPair } from './certificates.ts'

interface RequestParts {
  readonly keys?: webcrypto.CryptoKeyPair
  readonly names?: JsonGeneralNames
  readonly commonName?: string | null
}

/** A DER certificate request of a test; without parts, one that is granted. */
export async function csr({
  keys,
  names,
  commonName = null,
}: RequestParts = {}): Promise<Uint8Array<ArrayBuffer>> {
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: commonName === null ? [] : [{ CN: [commonName] }],
    keys: keys ?? (await newKeyPair()),
    signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
    extensions: [new SubjectAlternativeNameExtension(names ?? [{ type: 'dns', value: webIdentity }])],
  })
  return new Uint8Array(request.rawData)
}
