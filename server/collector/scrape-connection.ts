import { Buffer } from 'node:buffer'
import { connect, type Socket } from 'node:net'
import { AnswerReader, leastSpaceBytes, UnreadableAnswer } from './answer-reader.ts'
import type { BodyBuffers } from './body-buffers.ts'
import { ScrapeError } from './scrape-error.ts'
import { TooManySeriesError } from './too-many-series-error.ts'

export interface ScrapeOptions {
  /** For the whole of it: connecting, waiting and reading. */
  readonly timeoutMs: number
  /** Of the body, decompressed. */
  readonly maxBodyBytes: number
  /** That the exposition may have; an answer of many more is not read to its end. */
  readonly maxSeries: number
  readonly signal: AbortSignal
}

interface Asking {
  readonly reader: AnswerReader
  readonly done: () => void
  readonly fail: (error: ScrapeError) => void
}

/** The connection to one proxy's admin port. It is kept between scrapes, and asks one thing at a time. */
export class ScrapeConnection {
  readonly url: string
  readonly #host: string
  readonly #port: number
  readonly #request: string
  readonly #buffers: BodyBuffers
  #socket: Socket | null = null
  #asking: Asking | null = null
  #expectedBytes = 0

  constructor(url: string, buffers: BodyBuffers) {
    const { hostname, host, port, pathname } = new URL(url)
    this.url = url
    this.#host = hostname.replace(/^\[|\]$/g, '')
    this.#port = Number(port || 80)
    this.#buffers = buffers
    // On one machine compressing costs more than it saves.
    const isLoopback = hostname.startsWith('127.') || hostname === '[::1]'
    this.#request = `GET ${pathname} HTTP/1.1\r\nhost: ${host}\r\nuser-agent: meshscope\r\naccept: text/plain\r\naccept-encoding: ${isLoopback ? 'identity' : 'gzip'}\r\n\r\n`
  }

  /** The proxy's answer, in memory of the pool that the caller gives back. Rejects with a ScrapeError. */
  async ask(options: ScrapeOptions): Promise<AnswerReader> {
    const isKept = this.#socket !== null
    try {
      return await this.#askOnce(options)
    } catch (error) {
      // The proxy may close an idle connection just when it is used again; that says nothing of the proxy.
      if (isKept && error instanceof ScrapeError && error.code === 'SCRAPE_STALE_CONNECTION')
        return this.#askOnce(options)
      throw error
    }
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = null
  }

  #askOnce(options: ScrapeOptions): Promise<AnswerReader> {
    const { timeoutMs, signal } = options
    return new Promise((resolve, reject) => {
      const reader = new AnswerReader(this.#buffers, this.#expectedBytes, options)
      const isReused = this.#socket !== null
      const end = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', onAbort)
        this.#asking = null
      }
      const fail = (error: ScrapeError) => {
        end()
        this.close()
        this.#buffers.give(reader.memory)
        const isStale = isReused && reader.sizeBytes === 0 && isBroken(error.cause)
        reject(isStale ? this.#error('SCRAPE_STALE_CONNECTION', 'the kept connection was closed') : error)
      }
      const done = () => {
        end()
        this.#expectedBytes = reader.sizeBytes + expectedGrowthBytes
        if (!reader.isKept) this.close()
        resolve(reader)
      }
      const timer = setTimeout(() => {
        fail(this.#error('SCRAPE_TIMEOUT', `no whole answer within ${timeoutMs} ms`))
      }, timeoutMs)
      const onAbort = () => fail(this.#error('SCRAPE_STOPPED', 'the collector stops'))
      signal.addEventListener('abort', onAbort, { once: true })
      this.#asking = { reader, done, fail }
      this.#socket ??= this.#open()
      this.#socket.write(this.#request, 'latin1')
    })
  }

  #open(): Socket {
    // Bytes go where they stay: the socket asks before each read where that is.
    const socket = connect({
      host: this.#host,
      port: this.#port,
      noDelay: true,
      onread: {
        buffer: () => this.#asking?.reader.space() ?? firstBytes,
        callback: (bytes, into) => {
          this.#took(socket, bytes, into)
          return true
        },
      },
    })
    socket.on('error', cause => {
      if (this.#socket === socket) this.#broken(cause)
    })
    socket.on('end', () => {
      if (this.#socket === socket) this.#ended()
    })
    socket.on('close', () => {
      if (this.#socket === socket) this.#broken(undefined)
    })
    return socket
  }

  #took(socket: Socket, bytes: number, into: Uint8Array): void {
    if (this.#socket !== socket) return
    // Nobody asked.
    if (this.#asking === null) {
      this.close()
      return
    }
    try {
      if (into === firstBytes) firstBytes.copy(this.#asking.reader.space(), 0, 0, bytes)
      if (this.#asking.reader.took(bytes)) this.#asking.done()
    } catch (cause) {
      if (cause instanceof TooManySeriesError) {
        this.#asking.fail(ScrapeError.from(cause, this.url))
        return
      }
      if (!(cause instanceof UnreadableAnswer)) throw cause
      this.#asking.fail(
        this.#error(cause.isTooLarge ? 'SCRAPE_TOO_LARGE' : 'SCRAPE_UNREACHABLE', cause.message, cause),
      )
    }
  }

  #ended(): void {
    const asking = this.#asking
    if (asking?.reader.ended() === true) asking.done()
    else this.#broken(undefined)
    this.close()
  }

  #broken(cause: Error | undefined): void {
    this.#socket = null
    const asking = this.#asking
    if (asking === null) return
    const { reader } = asking
    if (reader.sizeBytes > 0 && reader.status > 0) {
      asking.fail(
        this.#error('SCRAPE_CUT_OFF', `the answer broke off after ${reader.body.length} bytes`, cause),
      )
      return
    }
    const code = codeOf(cause)
    const reason = reasons[code] ?? cause?.message ?? 'the connection was closed without an answer'
    asking.fail(this.#error('SCRAPE_UNREACHABLE', reason, cause ?? closed))
  }

  #error(code: ConstructorParameters<typeof ScrapeError>[0], reason: string, cause?: unknown): ScrapeError {
    return new ScrapeError(code, this.url, reason, cause)
  }
}

/** Room for what an exposition may grow by until it is read again. */
const expectedGrowthBytes = 32_768
/**
 * Where the first bytes of every answer go: a socket settles where it reads to when the read before is over, and then
 * nothing is asked yet. They are taken from here before any other socket reads.
 */
const firstBytes = Buffer.alloc(leastSpaceBytes)
/** Why an answer did not come, when no error tells. */
const closed = new Error('the connection was closed')

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
}

function isBroken(cause: unknown): boolean {
  return cause === closed || ['ECONNRESET', 'EPIPE'].includes(codeOf(cause))
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
}
