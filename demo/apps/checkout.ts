import type { MakeApp } from './app.ts'
import { call, isAnswer } from './call.ts'
import { delayMs, happens, lineOf, notFound, reply } from './reply.ts'

/** Buys what is in a cart: reads it, charges for it, and now and then looks whether that went through. */
export const checkout: MakeApp = place => {
  const buy = async (id: number): Promise<boolean> => {
    if (!isAnswer(await call(place, 'cart', { path: `/carts/${id}` }))) return false
    const charge = { path: '/charges', method: 'POST', body: { cart: id, cents: 1_990 } }
    if (!isAnswer(await call(place, 'payments.payments', charge))) return false
    return !happens(0.5) || isAnswer(await call(place, 'payments.payments', { path: `/charges/${id}` }))
  }
  return {
    serve: (request, response) => {
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
  }
}
