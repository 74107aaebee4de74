import type { TLSSocket } from 'node:tls'
import { subjectNames } from '#proxy/tcp/subject-names.ts'

/** Who a TLS client is; `clientId` is empty when it showed no certificate. */
type Proven =
  | { readonly kind: 'proven'; readonly clientId: string }
  /** Its certificate is not of this mesh, or has expired. */
  | { readonly kind: 'refused'; readonly reason: string }

/** What the client's certificate proves, after the handshake. */
export function proveClient(socket: TLSSocket, nowMs: number): Proven {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return { kind: 'proven', clientId: '' }
  if (!socket.authorized) {
    return { kind: 'refused', reason: `client certificate refused: ${String(socket.authorizationError)}` }
  }
  if (Date.parse(certificate.validTo) <= nowMs) {
    return { kind: 'refused', reason: `client certificate expired at ${certificate.validTo}` }
  }
  return { kind: 'proven', clientId: subjectNames(certificate.subjectAltName)[0] ?? '' }
}
