import type { MakeApp } from './app.ts'
import { delayMs, reply } from './reply.ts'

/** Accounts, one in fifty of them slow to find. */
export const users: MakeApp = () => ({
  serve: (request, response) => {
    const id = /^\/api\/users\/(\d+)$/.exec(request.url ?? '')?.[1]
    if (!id) return reply(response, 404, { error: 'not found' })
    reply(response, 200, { id: Number(id) }, delayMs(15))
  },
})
