import { connect, type Socket } from 'node:net'
import { createInterface } from 'node:readline'
import type { AppPlace } from './order.ts'

const timeoutMs = 500
const maxWaiting = 64
/** A connection is left for another one after this time, as pools do. */
const lifetimeMs = 15_000

interface Connection {
  readonly socket: Socket
  readonly bornMs: number
  /** Who waits for an answer, first come first. */
  readonly waiting: ((answer: string | null) => void)[]
}

/** Asks the cache through the port that the app's proxy keeps for it. Whatever goes wrong, it is only not in the cache. */
export class CacheClient {
  readonly #door: { readonly host: string; readonly port: number } | undefined
  #connection: Connection | null = null

  constructor(place: AppPlace) {
    this.#door = place.doors['cache.shop']
  }

  /** What is kept under this key; `null` when nothing is, or nobody answers. */
  async get(key: string): Promise<string | null> {
    const answer = await this.#ask(`GET ${key}`)
    return answer?.startsWith('+') ? answer.slice(1) : null
  }

  async set(key: string, value: string): Promise<void> {
    await this.#ask(`SET ${key} ${value}`)
  }

  close(): void {
    this.#connection?.socket.destroy()
    this.#connection = null
  }

  #ask(line: string): Promise<string | null> {
    const connection = this.#current()
    if (connection === null || connection.waiting.length >= maxWaiting) return Promise.resolve(null)
    return new Promise(done => {
      const timer = setTimeout(() => connection.socket.destroy(), timeoutMs)
      connection.waiting.push(answer => {
        clearTimeout(timer)
        done(answer)
      })
      connection.socket.write(`${line}\r\n`)
    })
  }

  #current(): Connection | null {
    const current = this.#connection
    if (current !== null && Date.now() - current.bornMs < lifetimeMs) return current
    current?.socket.end()
    this.#connection = this.#door === undefined ? null : this.#open(this.#door)
    return this.#connection
  }

  #open(door: { readonly host: string; readonly port: number }): Connection {
    const socket = connect(door)
    const connection: Connection = { socket, bornMs: Date.now(), waiting: [] }
    const { waiting } = connection
    // A reader of lines passes the errors of its input on.
    createInterface({ input: socket })
      .on('line', line => waiting.shift()?.(line))
      .on('error', () => {})
    socket.on('error', () => {})
    socket.on('close', () => {
      if (this.#connection === connection) this.#connection = null
      for (const answer of waiting.splice(0)) answer(null)
    })
    return connection
  }
}
