import type { MakeApp } from './app.ts'
import { delayMs, reply } from './reply.ts'

const failureRatio = 0.02

/** Products. Fails a small share of its requests. */
export const catalog: MakeApp = place => ({
  serve: (request, response) => {
    const path = request.url ?? '/'
    if (path !== '/products' && !path.startsWith('/products/'))
      return reply(response, 404, { error: 'not found' })
    if (Math.random() < failureRatio) return reply(response, 500, { error: 'out of stock data' }, delayMs(3))
    reply(response, 200, { pod: place.pod, path }, delayMs(8))
  },
})
