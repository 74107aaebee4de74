import { type ProxyError, replyWithError } from '#proxy/http/proxy-error.ts'
import type { Service } from '#proxy/http/service.ts'

/** Answers all requests of a connection with one error, and lets the client read why. */
export function refusingService(error: ProxyError): Service {
  return {
    handle(request, reply) {
      replyWithError(reply, request, error, true)
      return { clientGone: () => {}, requestBroken: () => {} }
    },
  }
}
