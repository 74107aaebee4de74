import { Code, ConnectError } from '@connectrpc/connect'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { IdentityError, UnansweredError } from './proxy-connection.ts'

/** Why a proxy is not tapped, for people, and what helps. */
export function failureText(error: unknown, { ip, proxyPorts }: Instance): string {
  const at = `${ip}:${proxyPorts.control}`
  if (error instanceof UnansweredError)
    return `The proxy at ${at} closed the connection before it answered: it does not trust this server's certificate, or had no time to end the TLS handshake; its log says which`
  const connectError = ConnectError.from(error)
  const { code, cause, rawMessage: why } = connectError
  if (cause instanceof IdentityError)
    return `The proxy at ${at} proved another identity: ${cause.message}; look whose pod has that address, and its service account`
  switch (code) {
    case Code.PermissionDenied:
    case Code.Unauthenticated:
      return `The proxy at ${at} refuses this server: ${why}; its LINKERD2_PROXY_TAP_SVC_NAME may name another`
    case Code.FailedPrecondition:
      return why
    case Code.Unimplemented:
      return `The proxy at ${at} has no tap`
    case Code.ResourceExhausted:
      return `The proxy at ${at} has too many taps: ${why}`
    case Code.DeadlineExceeded:
      return `The proxy at ${at} did not end the TLS handshake within ${why}: it hangs, or its machine is too busy; it is asked again`
    case Code.Canceled:
    case Code.Aborted:
      return `Lost the proxy at ${at}: it closed the connection; it is asked again`
    default:
      return connectionText(at, nodeCodeOf(cause), why)
  }
}

/** `nodeCode` is what Node calls the failure; empty when it has no name for it. */
function connectionText(at: string, nodeCode: string, why: string): string {
  if (nodeCode === 'ECONNREFUSED')
    return `Nothing listens at ${at}: the proxy is down, or its tap is off (LINKERD2_PROXY_TAP_SVC_NAME)`
  if (/^(EHOSTUNREACH|ENETUNREACH|ETIMEDOUT|EADDRNOTAVAIL|EACCES|EPERM)$/.test(nodeCode))
    return `Cannot reach ${at}: ${why}; this server needs a way to the control ports of proxies`
  if (/^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/.test(nodeCode))
    return `The proxy at ${at} shows a certificate that this mesh's trust anchors do not vouch for: ${why}; start it again with those of this mesh`
  if (/^ERR_SSL_.*ALERT/.test(nodeCode))
    return `The proxy at ${at} refuses this server's certificate: ${why}; the trust anchors of both must be the same`
  return `Lost the proxy at ${at}: ${why}`
}

function nodeCodeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}
