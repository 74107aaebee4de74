import type { Buffer } from 'node:buffer'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import type { BodyBuffers } from './body-buffers.ts'
import type { ScrapeConnection, ScrapeOptions } from './scrape-connection.ts'
import { ScrapeError } from './scrape-error.ts'

/** The body of an exposition. */
export interface Scraped {
  readonly body: Buffer
  /** The memory that it is in, to be given back when nobody reads it any more; `null` when nobody else can use that. */
  readonly memory: Buffer | null
}

const inflate = promisify(gunzip)

/** The body that a proxy's `/metrics` answers with, decompressed. Rejects with a ScrapeError. */
export async function scrape(
  connection: ScrapeConnection,
  buffers: BodyBuffers,
  options: ScrapeOptions,
): Promise<Scraped> {
  const { status, encoding, body, memory } = await connection.ask(options)
  if (status === 200 && (encoding === '' || encoding === 'identity')) return { body, memory }
  try {
    if (status !== 200) {
      throw new ScrapeError('SCRAPE_STATUS', connection.url, `expected status 200, got ${status}`)
    }
    if (encoding !== 'gzip') {
      const reason = `expected gzip or no compression, got ${encoding}`
      throw new ScrapeError('SCRAPE_ENCODING', connection.url, reason)
    }
    return { body: await inflated(connection.url, body, options.maxBodyBytes), memory: null }
  } finally {
    buffers.give(memory)
  }
}

async function inflated(url: string, body: Buffer, maxBodyBytes: number): Promise<Buffer> {
  try {
    return await inflate(body, { maxOutputLength: maxBodyBytes })
  } catch (cause) {
    const isTooLarge = cause instanceof RangeError
    const reason = isTooLarge
      ? `expected at most ${maxBodyBytes} bytes, got more`
      : `the answer broke off after ${body.length} bytes`
    throw new ScrapeError(isTooLarge ? 'SCRAPE_TOO_LARGE' : 'SCRAPE_CUT_OFF', url, reason, cause)
  }
}
