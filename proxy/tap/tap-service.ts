import { Code, ConnectError, type ContextKey, createContextKey, type ServiceImpl } from '@connectrpc/connect'
import type { ObserveRequest, Tap } from '#lib/mesh-api/gen/io/linkerd/proxy/tap_pb.ts'
import { compileTapMatch, type TapMatch } from '#lib/tap/tap-match.ts'
import type { Taps } from './taps.ts'

/** The identity that the caller's certificate proves; empty for a caller without one. */
export const clientIdKey: ContextKey<string> = createContextKey('', { description: 'client identity' })

/**
 * Tells live requests (io.linkerd.proxy.tap) to the client that has this name: PermissionDenied for any other,
 * Unauthenticated without a certificate, InvalidArgument without a limit or a match, ResourceExhausted beyond the
 * number of taps there may be.
 */
export function tapService(taps: Taps, clientName: string): ServiceImpl<typeof Tap> {
  return {
    async *observe(request, { signal, values }) {
      const clientId = values.get(clientIdKey)
      if (clientId === '') {
        throw new ConnectError(
          'Cannot tap: expected a certificate of the mesh, got none',
          Code.Unauthenticated,
        )
      }
      if (clientId !== clientName) {
        throw new ConnectError(
          `Cannot tap: expected the client ${clientName}, got ${clientId}`,
          Code.PermissionDenied,
        )
      }
      if (request.limit === 0) {
        throw new ConnectError('Cannot tap: expected a limit of at least 1, got 0', Code.InvalidArgument)
      }
      const tap = taps.add({
        limit: request.limit,
        matches: readMatch(request),
        wantsHeaders: request.extract?.extract.value?.extract.case === 'headers',
      })
      if (tap === null) throw new ConnectError('Cannot tap: too many taps are open', Code.ResourceExhausted)
      const leave = () => taps.remove(tap)
      signal.addEventListener('abort', leave)
      try {
        yield* tap.events()
      } finally {
        signal.removeEventListener('abort', leave)
        leave()
      }
    },
  }
}

function readMatch({ match }: ObserveRequest): TapMatch {
  if (match === undefined) {
    throw new ConnectError('Cannot tap: expected a match, got none', Code.InvalidArgument)
  }
  try {
    return compileTapMatch(match)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw new ConnectError(error.message, Code.InvalidArgument)
  }
}
