import type { MakeApp } from './app.ts'
import { type Call, call, isAnswer } from './call.ts'
import { lineOf, notFound, reply } from './reply.ts'

/** What a page is made of. One that is not needed may be missing. */
interface Part extends Call {
  readonly service: string
  readonly isNeeded: boolean
}

const needed = (service: string, path: string): Part => ({ service, path, isNeeded: true })
const recommended: Part = { service: 'recommendations', path: '/recommendations', isNeeded: false }

/** The parts of a page; none for a page that is not there. */
function partsOf(line: string): readonly Part[] {
  const [, page, id] = /^GET \/(products|account|cart)\/(\d+)$/.exec(line) ?? []
  switch (page) {
    case 'products':
      return [needed('catalog', `/products/${id}`), recommended]
    case 'account':
      return [needed('users', `/api/users/${id}${Number(id) % 3 === 0 ? '/orders' : ''}`)]
    case 'cart':
      return [needed('cart', `/carts/${id}`)]
  }
  if (line === 'GET /') return [needed('catalog', '/products'), recommended]
  if (line === 'POST /checkout')
    return [{ ...needed('checkout', '/checkout'), method: 'POST', body: { accept: true } }]
  return []
}

/** The shop's pages: each asks the services behind for its parts and fails when one it needs is missing. */
export const web: MakeApp = place => ({
  serve: (request, response) => {
    request.resume()
    const parts = partsOf(lineOf(request))
    if (parts.length === 0) return notFound(response)
    void Promise.all(parts.map(part => call(place, part.service, part))).then(statuses => {
      const isFailed = statuses.some((status, i) => parts[i]?.isNeeded && !isAnswer(status))
      if (isFailed) reply(response, 502, { error: 'a part is missing' })
      else if (statuses[0] === 404) notFound(response)
      else reply(response, 200, { parts: statuses.length })
    })
  },
})
