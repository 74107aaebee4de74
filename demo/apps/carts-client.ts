import { connect } from 'node:net'
import { createClient } from '@connectrpc/connect'
import { createGrpcTransport, Http2SessionManager } from '@connectrpc/connect-node'
import { Carts } from './gen/carts_pb.ts'
import type { AppPlace } from './order.ts'

const baseUrl = 'http://cart'
const timeoutMs = 2_000

/** Who asks for carts, through the app's own proxy. */
export interface CartsClient {
  /** Whether the cart is there. */
  has(cart: number): Promise<boolean>
  /** How many items came; `null` when the stream of them broke off. */
  countItems(cart: number): Promise<number | null>
  close(): void
}

export function cartsClient(place: AppPlace): CartsClient {
  const { host, port } = place.outbound ?? { host: place.ip, port: 4140 }
  const sessionManager = new Http2SessionManager(
    baseUrl,
    {},
    { createConnection: () => connect({ host, port }) },
  )
  const client = createClient(
    Carts,
    createGrpcTransport({ baseUrl, sessionManager, defaultTimeoutMs: timeoutMs }),
  )
  return {
    has: cart =>
      client.get({ cart }).then(
        () => true,
        () => false,
      ),
    async countItems(cart) {
      let items = 0
      try {
        for await (const _ of client.listItems({ cart })) items++
      } catch {
        return null
      }
      return items
    },
    close: () => sessionManager.abort(),
  }
}
