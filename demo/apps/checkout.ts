import type { MakeApp } from './app.ts'
import { type Call, call, isAnswer } from './call.ts'
import { cartsClient } from './carts-client.ts'
import { Counts } from './counts.ts'
import { delayMs, happens, lineOf, notFound, reply } from './reply.ts'

/** Buys what is in a cart: reads it, charges for it, and now and then looks whether that went through. */
export const checkout: MakeApp = place => {
  const carts = cartsClient(place)
  /** Of what it asked payments. */
  const counts = new Counts()
  const askPayments = async (asked: Call): Promise<boolean> => {
    const isFine = isAnswer(await call(place, 'payments.payments', asked))
    counts.add(isFine)
    return isFine
  }
  const buy = async (id: number): Promise<boolean> => {
    if (!(await carts.has(id))) return false
    const charge = { path: '/charges', method: 'POST', body: { cart: id, cents: 1_990 } }
    return (await askPayments(charge)) && (!happens(0.5) || (await askPayments({ path: `/charges/${id}` })))
  }
  return {
    close: () => carts.close(),
    serve: {
      protocol: 'http/1',
      handle: (request, response) => {
        if (lineOf(request) === 'GET /counts') return counts.reply(response)
        if (lineOf(request) !== 'POST /checkout') return notFound(response)
        request.resume()
        void buy(1 + Math.floor(Math.random() * 500)).then(bought =>
          reply(
            response,
            bought ? 201 : 502,
            bought ? { state: 'bought' } : { error: 'not charged' },
            delayMs(3),
          ),
        )
      },
    },
  }
}
