import type { MakeApp } from './app.ts'
import { CacheClient } from './cache-client.ts'
import { delayMs, happens, lineOf, notFound, reply } from './reply.ts'

const highestId = 500

/** Products. Fails a few requests; the second replica flaps: some seconds of every half minute it fails more. */
export const catalog: MakeApp = (place, isWrong) => {
  const isFlapping = () => place.pod.endsWith('-1') && Date.now() % 30_000 < 5_000
  const cache = new CacheClient(place)
  return {
    close: () => cache.close(),
    serve: {
      protocol: 'http/1',
      handle: (request, response) => {
        const [, id] = /^GET \/products(?:\/(\d+))?$/.exec(lineOf(request)) ?? [null, null]
        if (id === null) return notFound(response)
        if (happens(isWrong('catalog-broken') ? 0.6 : isFlapping() ? 0.12 : 0.01))
          return reply(response, 500, { error: 'no stock data' }, delayMs(3))
        if (Number(id ?? 1) > highestId) return notFound(response)
        if (id === undefined) return reply(response, 200, { products: highestId }, delayMs(8))
        void cache.get(`product:${id}`).then(kept => {
          reply(response, 200, { id: Number(id) }, delayMs(kept === null ? 8 : 3))
          if (kept === null) void cache.set(`product:${id}`, `{"id":${id},"stock":${Number(id) % 90}}`)
        })
      },
    },
  }
}
