import type { MakeApp } from './app.ts'
import { delayMs, happens, lineOf, notFound, reply } from './reply.ts'

/** Charges: some fail, and one in twenty takes ten times as long as the others. */
export const payments: MakeApp = (_, isWrong) => {
  const durationMs = () =>
    isWrong('payments-slow') || isWrong('payments-broken') ? 120 + 560 * Math.random() : delayMs(25, 0.05)
  return {
    serve: (request, response) => {
      const line = lineOf(request)
      if (line !== 'POST /charges' && !/^GET \/charges\/\d+$/.test(line)) return notFound(response)
      request.resume()
      if (happens(isWrong('payments-broken') ? 0.5 : 0.03))
        return reply(response, 500, { error: 'the bank does not answer' }, durationMs())
      reply(response, line === 'POST /charges' ? 201 : 200, { state: 'charged' }, durationMs())
    },
  }
}
