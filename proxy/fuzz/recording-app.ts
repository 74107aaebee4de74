import type { Buffer } from 'node:buffer'
import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Cleanup } from '#proxy/accept/test-sockets.ts'
import type { ReadRequest } from './read-message.ts'

/** A server of Node's own that answers everything, and keeps what it was asked. */
export interface RecordingApp {
  readonly port: number
  /** Connections that it took so far. */
  readonly accepted: number
  /** Of these, those that are open still. */
  readonly open: number
  /** Requests of which the answer is under way. */
  readonly pending: number
  /** What was asked since the last time, and whether the last of it left HTTP. */
  take(): { readonly requests: readonly ReadRequest[]; readonly isOver: boolean }
}

export async function startRecordingApp(cleanup: Cleanup): Promise<RecordingApp> {
  let requests: ReadRequest[] = []
  let isOver = false
  let accepted = 0
  let open = 0
  let pending = 0
  const answer = (incoming: IncomingMessage, response: ServerResponse) => {
    const request = record(incoming)
    pending++
    response.once('close', () => pending--)
    incoming.on('error', () => {})
    incoming.on('data', (chunk: Buffer) => {
      request.body += chunk.toString('latin1')
    })
    incoming.on('end', () => {
      request.isWhole = true
      request.trailers = incoming.rawTrailers
      response.end('ok')
    })
  }
  const leave = (incoming: IncomingMessage, socket: Duplex) => {
    record(incoming).isWhole = true
    isOver = true
    socket.on('error', () => {})
    socket.destroy()
  }
  const record = (incoming: IncomingMessage): ReadRequest => {
    const request = {
      method: incoming.method ?? '',
      target: incoming.url ?? '',
      isHttp10: incoming.httpVersionMinor === 0,
      headers: incoming.rawHeaders,
      body: '',
      trailers: [],
      isWhole: false,
    }
    requests.push(request)
    return request
  }
  const server = http.createServer(answer)
  // The clients end their side with their last byte.
  Object.assign(server, { httpAllowHalfOpen: true })
  server.on('checkContinue', (incoming: IncomingMessage, response: ServerResponse) => {
    response.writeContinue()
    answer(incoming, response)
  })
  server.on('checkExpectation', answer)
  server.on('upgrade', leave)
  server.on('connect', leave)
  server.on('connection', socket => {
    accepted++
    open++
    socket.once('close', () => open--)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanup.add(server, () => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return {
    port,
    get accepted() {
      return accepted
    },
    get open() {
      return open
    },
    get pending() {
      return pending
    },
    take: () => {
      const taken = { requests, isOver }
      requests = []
      isOver = false
      return taken
    },
  }
}
