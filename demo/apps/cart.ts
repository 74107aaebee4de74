import type { MakeApp } from './app.ts'
import { delayMs, lineOf, notFound, reply } from './reply.ts'

/** Carts: quick, and never wrong. */
export const cart: MakeApp = () => ({
  serve: (request, response) => {
    const id = /^(?:GET|PUT) \/carts\/(\d+)$/.exec(lineOf(request))?.[1]
    if (!id) return notFound(response)
    reply(response, 200, { id: Number(id), items: Number(id) % 5 }, delayMs(4))
  },
})
