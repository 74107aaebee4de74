import type { MakeApp } from './app.ts'
import { Counts } from './counts.ts'
import { delayMs, happens, lineOf, notFound, reply } from './reply.ts'

/** Charges: some fail, one in twenty takes ten times as long as the others, and one in a hundred longer than anyone waits. */
export const payments: MakeApp = (_, isWrong) => {
  const counts = new Counts()
  const durationMs = () => {
    if (isWrong('payments-slow') || isWrong('payments-broken')) return 120 + 460 * Math.random()
    return happens(0.01) ? 800 : delayMs(25, 0.05)
  }
  const failureRatio = () => {
    if (isWrong('payments-broken')) return 0.5
    return isWrong('payments-slow') ? 0.15 : 0.06
  }
  return {
    serve: {
      protocol: 'http/1',
      handle: (request, response) => {
        const line = lineOf(request)
        if (line === 'GET /counts') return counts.reply(response)
        if (line !== 'POST /charges' && !/^GET \/charges\/\d+$/.test(line)) return notFound(response)
        request.resume()
        const isFailed = happens(failureRatio())
        counts.add(!isFailed)
        if (isFailed) return reply(response, 500, { error: 'the bank does not answer' }, durationMs())
        reply(response, line === 'POST /charges' ? 201 : 200, { state: 'charged' }, durationMs())
      },
    },
  }
}
