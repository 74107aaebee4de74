import type { MakeApp } from './app.ts'
import { type Call, call, isAnswer } from './call.ts'
import { cartsClient } from './carts-client.ts'
import { Feed } from './feed.ts'
import { lineOf, notFound, reply } from './reply.ts'

/** What a page is made of. One that is not needed may be missing. */
interface Part {
  readonly isNeeded: boolean
  /** The status that the service behind gives; 0: none. */
  ask(): Promise<number>
}

/** The shop's pages, and a feed: each page asks the services behind for its parts and fails when one it needs is missing. */
export const web: MakeApp = place => {
  let pages = 0
  const feed = new Feed(() => ({ pages }))
  const carts = cartsClient(place)
  const needed = (service: string, asked: Call): Part => ({
    isNeeded: true,
    ask: () => call(place, service, asked),
  })
  const recommended: Part = {
    isNeeded: false,
    ask: () => call(place, 'recommendations', { path: '/recommendations' }),
  }
  const cart = (id: number): Part => ({
    isNeeded: true,
    ask: async () => ((await carts.has(id)) && (await carts.countItems(id)) !== null ? 200 : 0),
  })

  /** The parts of a page; none for a page that is not there. */
  const partsOf = (line: string): readonly Part[] => {
    const [, page, id] = /^GET \/(products|sale|account|cart)\/(\d+)$/.exec(line) ?? []
    switch (page) {
      case 'products':
      case 'sale':
        return [needed('catalog', { path: `/products/${id}` }), recommended]
      case 'account':
        return [needed('users', { path: `/api/users/${id}${Number(id) % 3 === 0 ? '/orders' : ''}` })]
      case 'cart':
        return [cart(Number(id))]
    }
    if (line === 'GET /') return [needed('catalog', { path: '/products' }), recommended]
    if (line === 'POST /checkout')
      return [needed('checkout', { path: '/checkout', method: 'POST', body: { accept: true } })]
    return []
  }

  return {
    close: () => {
      feed.close()
      carts.close()
    },
    serve: {
      protocol: 'http/1',
      upgrade: feed.upgrade,
      handle: (request, response) => {
        request.resume()
        const parts = partsOf(lineOf(request))
        if (parts.length === 0) return notFound(response)
        pages++
        void Promise.all(parts.map(part => part.ask())).then(statuses => {
          const isFailed = statuses.some((status, i) => parts[i]?.isNeeded && !isAnswer(status))
          if (isFailed) reply(response, 502, { error: 'a part is missing' })
          else if (statuses[0] === 404) notFound(response)
          else reply(response, 200, { parts: statuses.length })
        })
      },
    },
  }
}
