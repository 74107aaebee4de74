import { setTimeout as delay } from 'node:timers/promises'
import { Code, ConnectError } from '@connectrpc/connect'
import { connectNodeAdapter } from '@connectrpc/connect-node'
import type { MakeApp } from './app.ts'
import { Carts } from './gen/carts_pb.ts'
import { delayMs } from './reply.ts'

function itemsOf(cart: number): number {
  if (cart > 0) return 1 + (cart % 5)
  throw new ConnectError(`Cannot find cart ${cart}: expected a number above 0`, Code.NotFound)
}

/** Carts over gRPC: quick, and never wrong. Their items come one by one. */
export const cart: MakeApp = () => ({
  serve: {
    protocol: 'http/2',
    handle: connectNodeAdapter({
      routes: router =>
        router.service(Carts, {
          async get({ cart: id }) {
            const items = itemsOf(id)
            await delay(delayMs(4))
            return { id, items }
          },
          async *listItems({ cart: id }) {
            for (let item = 0; item < itemsOf(id); item++) {
              await delay(delayMs(2))
              yield { product: 1 + ((id * 7 + item) % 500), quantity: 1 }
            }
          },
        }),
      connect: false,
      grpcWeb: false,
      acceptCompression: [],
    }),
  },
})
