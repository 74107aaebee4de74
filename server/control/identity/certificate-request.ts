import 'reflect-metadata'
import { Pkcs10CertificateRequest, type PublicKey, SubjectAlternativeNameExtension } from '@peculiar/x509'

/** A request to certify one key for one name, its own signature checked. */
export type CheckedRequest =
  | { readonly publicKey: PublicKey }
  /** Whether the bytes are no certificate request, or one that asks for what it must not. */
  | { readonly refused: 'malformed' | 'unacceptable'; readonly why: string }

const maxRequestBytes = 16 * 1024

/**
 * The public key of a DER certificate request for `identity`. It must be signed by its own key, that key be on P-256,
 * `identity` its one alternative name, and its common name that or nothing.
 */
export async function checkCertificateRequest(der: Uint8Array, identity: string): Promise<CheckedRequest> {
  if (der.length > maxRequestBytes) {
    return malformed(`expected at most ${maxRequestBytes} bytes, found ${der.length}`)
  }
  let request: Pkcs10CertificateRequest
  try {
    request = new Pkcs10CertificateRequest(Uint8Array.from(der))
    if (request.rawData.byteLength !== der.length) return malformed('expected nothing after the request')
  } catch (error) {
    return malformed(error instanceof Error ? error.message : String(error))
  }
  try {
    const why = unacceptable(request, identity)
    if (why !== undefined) return { refused: 'unacceptable', why }
    if (!(await request.verify()))
      return { refused: 'unacceptable', why: 'expected a signature by its own key' }
    return { publicKey: request.publicKey }
  } catch (error) {
    return { refused: 'unacceptable', why: error instanceof Error ? error.message : String(error) }
  }
}

function malformed(why: string): CheckedRequest {
  return { refused: 'malformed', why }
}

function unacceptable(request: Pkcs10CertificateRequest, identity: string): string | undefined {
  const { algorithm } = request.publicKey
  const curve = 'namedCurve' in algorithm ? String(algorithm.namedCurve) : 'none'
  if (!algorithm.name.startsWith('EC') || curve !== 'P-256') {
    return `expected an ECDSA key on P-256, found ${algorithm.name} on ${curve}`
  }
  const names = request.extensions
    .filter(extension => extension instanceof SubjectAlternativeNameExtension)
    .flatMap(extension => extension.names.items)
  const [name, ...others] = names
  if (name === undefined || others.length > 0 || name.type !== 'dns') {
    const found = names.map(({ type, value }) => `${type} ${value}`).join(', ') || 'none'
    return `expected one DNS name, ${identity}, found ${found}`
  }
  if (name.value !== identity) return `expected the DNS name ${identity}, found ${name.value}`
  const commonNames = request.subjectName.getField('CN')
  const fits =
    commonNames.length === 0 ||
    (commonNames.length === 1 && (commonNames[0] === identity || commonNames[0] === ''))
  return fits ? undefined : `expected the common name ${identity} or none, found ${commonNames.join(', ')}`
}
