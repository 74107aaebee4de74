import type { KeyObject, X509Certificate } from 'node:crypto'
import { createSecureContext, type SecureContextOptions } from 'node:tls'
import type { Certified } from './identity.ts'

/** Mesh TLS: version 1.3, and ECDSA over P-256 as the one kind of signature. */
const MESH_TLS: SecureContextOptions = {
  minVersion: 'TLSv1.3',
  maxVersion: 'TLSv1.3',
  ciphers: 'TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256',
  sigalgs: 'ecdsa_secp256r1_sha256',
  ecdhCurve: 'X25519:P-256:P-384',
}

/** TLS contexts that present the chain, leaf first, and trust only the anchors. */
export function createCertified({
  key,
  chain,
  trustAnchorsPem,
  expiresAtMs,
}: {
  key: KeyObject
  chain: readonly X509Certificate[]
  trustAnchorsPem: string
  expiresAtMs: number
}): Certified {
  const options: SecureContextOptions = {
    ...MESH_TLS,
    key: key.export({ type: 'pkcs8', format: 'pem' }),
    cert: chain.map(certificate => certificate.toString()).join(''),
    ca: trustAnchorsPem,
  }
  return { server: createSecureContext(options), client: createSecureContext(options), expiresAtMs }
}
