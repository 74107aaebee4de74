import { X509Certificate } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { timestampMs } from '@bufbuild/protobuf/wkt'
import { createClient } from '@connectrpc/connect'
import { Identity as IdentityService } from '#lib/mesh-api/gen/io/linkerd/proxy/identity_pb.ts'
import type { ControlChannel } from '#proxy/control/control-channel.ts'
import { checkChain } from './certificate-chain.ts'
import type { Credentials } from './credentials.ts'
import type { Certified } from './identity.ts'
import { createCertified } from './secure-contexts.ts'

const CALL_TIMEOUT_MS = 10_000

export interface CertifyOptions {
  readonly channel: ControlChannel
  readonly name: string
  readonly credentials: Credentials
  readonly tokenFile: string
  readonly trustAnchorsPem: string
  readonly trustAnchors: readonly X509Certificate[]
  readonly nowMs: () => number
  readonly signal: AbortSignal
}

/**
 * A certificate from the control plane, checked: for this name and key, in force, signed by a trust anchor. The
 * token is read anew each time, because its owner replaces it before it expires.
 */
export async function certify(options: CertifyOptions): Promise<Certified> {
  const { channel, name, credentials, tokenFile, trustAnchorsPem, trustAnchors, signal } = options
  const token = await readFile(tokenFile)
  if (token.length === 0)
    throw new Error(`Cannot ask for a certificate: expected a token in ${tokenFile}, got none`)
  const client = createClient(IdentityService, channel.transport())
  const answer = await client.certify(
    { identity: name, token, certificateSigningRequest: credentials.csr },
    { signal, timeoutMs: CALL_TIMEOUT_MS },
  )
  const nowMs = options.nowMs()
  const leaf = parse(answer.leafCertificate)
  const intermediates = answer.intermediateCertificates.map(parse)
  checkChain(leaf, intermediates, { name, key: credentials.key, trustAnchors, nowMs })
  if (answer.validUntil === undefined)
    throw new Error('Certificate came without the time until which it is valid')
  const expiresAtMs = Math.min(timestampMs(answer.validUntil), Date.parse(leaf.validTo))
  if (expiresAtMs <= nowMs) {
    throw new Error(`Certificate is not valid any more: it was until ${new Date(expiresAtMs).toISOString()}`)
  }
  return createCertified({
    key: credentials.key,
    chain: [leaf, ...intermediates],
    trustAnchorsPem,
    expiresAtMs,
  })
}

function parse(der: Uint8Array): X509Certificate {
  try {
    return new X509Certificate(der)
  } catch (cause) {
    throw new Error(`Certificate cannot be read: expected DER, got ${der.length} other bytes`, { cause })
  }
}
