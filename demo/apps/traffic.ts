import type { MakeApp } from './app.ts'
import { call } from './call.ts'
import { reply } from './reply.ts'

const requestsPerSecond = 40

/**
 * Visitors of the shop. Answers `GET /counts` with what it has seen itself: requests that ended, and those
 * of them that succeeded (a status below 500).
 */
export const traffic: MakeApp = place => {
  const counts = { ended: 0, succeeded: 0 }
  const visit = async () => {
    const id = 1 + Math.floor(Math.random() * 500)
    const choice = Math.random()
    const path = choice < 0.4 ? '/' : choice < 0.8 ? `/products/${id}` : `/account/${id}`
    const { status } = await call(place, 'web', path)
    counts.ended++
    if (status > 0 && status < 500) counts.succeeded++
  }
  return {
    serve: (request, response) =>
      request.url === '/counts' ? reply(response, 200, counts) : reply(response, 404, { error: 'not found' }),
    start: () => {
      const timer = setInterval(() => void visit(), 1000 / requestsPerSecond)
      return () => clearInterval(timer)
    },
  }
}
