import 'reflect-metadata'
import { webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

export interface KeyAndCertificate {
  readonly key: string
  readonly cert: string
}

/** A certificate for `name` by an authority that nobody in the mesh knows. */
export async function foreignCertificate(name: string): Promise<KeyAndCertificate> {
  const ca = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const leaf = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const validity = { notBefore: new Date(Date.now() - 60_000), notAfter: new Date(Date.now() + 3_600_000) }
  const cert = await x509.X509CertificateGenerator.create({
    subject: `CN=${name}`,
    issuer: 'CN=foreign',
    ...validity,
    signingKey: ca.privateKey,
    publicKey: leaf.publicKey,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }])],
  })
  const pkcs8 = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', leaf.privateKey))
  const pem = (label: string, der: Buffer) =>
    `-----BEGIN ${label}-----\n${der.toString('base64').replace(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`
  return { key: pem('PRIVATE KEY', pkcs8), cert: cert.toString('pem') }
}
