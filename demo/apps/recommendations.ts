import type { MakeApp } from './app.ts'
import { delayMs, happens, lineOf, notFound, reply } from './reply.ts'

/** What else one might like. The second version is slower and fails more than the first. */
export const recommendations: MakeApp = (place, isWrong) => {
  const isSecond = place.workload.endsWith('-v2')
  const failureRatio = () => {
    if (isWrong('recommendations-broken')) return 0.7
    if (!isSecond) return 0.002
    return isWrong('recommendations-v2-fails') ? 0.5 : 0.04
  }
  return {
    serve: {
      protocol: 'http/1',
      handle: (request, response) => {
        if (lineOf(request) !== 'GET /recommendations') return notFound(response)
        if (happens(failureRatio()))
          return reply(response, 500, { error: 'no model' }, delayMs(isSecond ? 40 : 12))
        reply(response, 200, { products: [3, 17, 42] }, delayMs(isSecond ? 35 : 12))
      },
    },
  }
}
