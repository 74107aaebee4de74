import type { IncomingMessage, RequestListener } from 'node:http'
import type { Http2ServerRequest, Http2ServerResponse } from 'node:http2'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Trouble } from '#demo/trouble.ts'
import type { AppPlace } from './order.ts'

/** What an app answers, in the one protocol that it speaks. */
export type Serve =
  | {
      readonly protocol: 'http/1'
      readonly handle: RequestListener
      /** Takes requests that want to go on in another protocol; without it they are answered as others. */
      readonly upgrade?: (request: IncomingMessage, socket: Duplex, head: Buffer) => void
    }
  | {
      readonly protocol: 'http/2'
      readonly handle: (request: Http2ServerRequest, response: Http2ServerResponse) => void
    }
  | { readonly protocol: 'tcp'; readonly handle: (socket: Socket) => void }

/** What an app does: answers, sends some requests of its own, or both. */
export interface App {
  readonly serve?: Serve
  /** Begins to send; the function it returns ends that. */
  start?(): () => void
  /** Closes what it opened. */
  close?(): void
}

/** Makes the app of a place. `isWrong` tells whether something is wrong now. */
export type MakeApp = (place: AppPlace, isWrong: (trouble: Trouble) => boolean) => App
