import { access } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { captureBody } from './capture.ts'
import { chooseEncoding, compress, type Encoding } from './compress.ts'
import { pagePolicy } from './security-headers.ts'

/** Draws every page and serves the files they need. */
export type PageHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

const compressible = /^(text\/|application\/(javascript|json|manifest\+json|xml)|image\/svg\+xml)/
const compressFromBytes = 1_024
const cacheBytes = 32 * 1024 * 1024

/** The built pages of a folder. Throws an error for people when there is no build. */
export async function loadPages(appDir: string): Promise<PageHandler> {
  const stamp = join(appDir, '.next', 'BUILD_ID')
  try {
    await access(stamp)
  } catch (cause) {
    throw new Error(`Cannot serve the pages: expected a build at ${stamp}, found none; run npm run build`, {
      cause,
    })
  }
  Object.assign(process.env, { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' })
  const { default: next } = await import('next')
  const app = next({ dev: false, dir: appDir })
  await quietly(() => app.prepare())
  return finished(app.getRequestHandler())
}

/** Runs something that prints how long it took, and keeps that to itself. */
async function quietly(run: () => Promise<void>): Promise<void> {
  const { log } = console
  console.log = () => {}
  try {
    await run()
  } finally {
    console.log = log
  }
}

/** Pages as they are sent: with a policy that fits their inline scripts, and compressed. */
export function finished(handle: PageHandler): PageHandler {
  const cache = new CompressedFiles()
  return async (request, response) => {
    captureBody(response, body => {
      void send(request, response, body, cache).catch(error => response.destroy(error))
    })
    await handle(request, response)
  }
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  cache: CompressedFiles,
): Promise<void> {
  const contentType = String(response.getHeader('content-type') ?? '')
  // A browser keeps the policy of the page it holds when it is told that nothing changed.
  if (contentType.startsWith('text/html') && response.statusCode !== 304) {
    response.setHeader('content-security-policy', pagePolicy(body.toString()))
    response.setHeader('cache-control', 'no-cache')
  }
  const isFit =
    body.length > compressFromBytes &&
    compressible.test(contentType) &&
    !response.hasHeader('content-encoding')
  const encoding = isFit ? chooseEncoding(request.headers['accept-encoding']) : null
  if (isFit) response.appendHeader('vary', 'Accept-Encoding')
  const sent = encoding ? await cache.compressed(request.url ?? '', body, encoding) : body
  if (encoding) response.setHeader('content-encoding', encoding)
  const hasBody = response.statusCode !== 304 && response.statusCode !== 204 && request.method !== 'HEAD'
  if (hasBody) response.setHeader('content-length', sent.length)
  else if (encoding) response.removeHeader('content-length')
  response.end(hasBody ? sent : undefined)
}

/** Compressed build files by address and encoding; the longest unused leave when there are over 32 MB. */
class CompressedFiles {
  readonly #bodies = new Map<string, Buffer>()
  #sizeBytes = 0

  async compressed(url: string, body: Buffer, encoding: Encoding): Promise<Buffer> {
    // Only these never change under the same address.
    if (!url.startsWith('/_next/static/')) return compress(body, encoding)
    const key = `${encoding} ${body.length} ${url}`
    const known = this.#bodies.get(key)
    if (known) {
      this.#bodies.delete(key)
      this.#bodies.set(key, known)
      return known
    }
    const made = await compress(body, encoding)
    if (!this.#bodies.has(key)) this.#sizeBytes += made.length
    this.#bodies.set(key, made)
    for (const [oldKey, old] of this.#bodies) {
      if (this.#sizeBytes <= cacheBytes) break
      this.#bodies.delete(oldKey)
      this.#sizeBytes -= old.length
    }
    return made
  }
}
