import type { MakeApp } from './app.ts'
import { delayMs, happens, lineOf, notFound, reply } from './reply.ts'

/** Accounts and their orders, one in fifty of them slow to find. */
export const users: MakeApp = (_, isWrong) => ({
  serve: {
    protocol: 'http/1',
    handle: (request, response) => {
      const [, id, orders] = /^GET \/api\/users\/(\d+)(\/orders)?$/.exec(lineOf(request)) ?? []
      if (!id) return notFound(response)
      if (isWrong('users-broken') && happens(0.5))
        return reply(response, 503, { error: 'too many connections' }, delayMs(200))
      reply(response, 200, { id: Number(id) }, delayMs(orders ? 30 : 15))
    },
  },
})
