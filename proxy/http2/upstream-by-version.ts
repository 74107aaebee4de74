import type { HttpRequest } from '#proxy/http/message.ts'
import type { Upstream } from '#proxy/http/service.ts'

/**
 * Sends requests in the HTTP they came in. With `carriesHttp1`, HTTP/1 goes in HTTP/2 too, to a peer that restores it,
 * but for requests that leave HTTP. `makeHttp2` is called once, when first needed.
 */
export function upstreamByVersion(
  http1: Upstream,
  makeHttp2: () => Upstream,
  carriesHttp1: boolean,
): Upstream {
  let http2: Upstream | null = null
  return {
    send: (request, receiver) => {
      if (!request.isHttp2 && !(carriesHttp1 && mayBeCarried(request))) return http1.send(request, receiver)
      http2 ??= makeHttp2()
      return http2.send(request, receiver)
    },
    close: () => {
      http1.close()
      http2?.close()
    },
  }
}

function mayBeCarried({ isUpgrade, method }: HttpRequest): boolean {
  return !isUpgrade && method !== 'CONNECT'
}
