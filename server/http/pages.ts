import { createHash } from 'node:crypto'
import { access, readFile } from 'node:fs/promises'
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { basePathPlaceholder } from '#lib/api/base-path.ts'
import { captureBody } from './capture.ts'
import { chooseEncoding, compress, type Encoding } from './compress.ts'
import { withPrefix } from './prefix.ts'
import { RecentBodies } from './recent-bodies.ts'
import { pagePolicy } from './security-headers.ts'

/** Draws every page and serves the files they need; addresses begin with the placeholder of the prefix. */
type BuiltPages = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** Answers with a page or file as it is seen under `prefix`. */
export type PageHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  prefix: string,
) => Promise<void>

const textual = /^(text\/|application\/(javascript|json|manifest\+json|xml)|image\/svg\+xml)/
const compressFromBytes = 1_024
const cacheBytes = 32 * 1024 * 1024
/** Files whose names say what is in them: as long as this server runs, their answers stay the same. */
const lastingFiles = '/_next/static/'

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
  Object.assign(process.env, {
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    // As Next's own standalone server has it: to read the configuration's source would need a compiler.
    __NEXT_PRIVATE_STANDALONE_CONFIG: JSON.stringify(await builtConfig(appDir)),
  })
  const { default: next } = await import('next')
  const app = next({ dev: false, dir: appDir })
  await quietly(() => app.prepare())
  return finished(app.getRequestHandler())
}

/** The configuration that the pages were built with. */
async function builtConfig(appDir: string): Promise<unknown> {
  const path = join(appDir, '.next', 'required-server-files.json')
  const { config } = JSON.parse(await readFile(path, 'utf8')) as { config: unknown }
  return config
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

/** Pages as they are sent: under the prefix, with a policy that fits their inline scripts, and compressed. */
export function finished(handle: BuiltPages): PageHandler {
  const made = new RecentBodies<MadeBody>(cacheBytes)
  const lasting = new RecentBodies<LastingAnswer>(cacheBytes)
  return async (request, response, prefix) => {
    const asked: Asked = {
      prefix,
      encoding: chooseEncoding(request.headers['accept-encoding']),
      knownTags: String(request.headers['if-none-match'] ?? '').split(/\s*,\s*/),
      wantsBody: request.method !== 'HEAD',
    }
    const { url = '' } = request
    const name = url.startsWith(lastingFiles) ? `${prefix} ${asked.encoding} ${url}` : null
    const known = name === null ? undefined : lasting.get(name)
    if (known !== undefined) {
      sendAgain(asked, response, known)
      return
    }
    // What is sent differs from what was built, so whether it changed, and its length, are answered here.
    for (const name of ['if-none-match', 'if-modified-since', 'range', 'if-range'])
      Reflect.deleteProperty(request.headers, name)
    request.method = 'GET'
    request.url = `${basePathPlaceholder}${/^\/(\?|$)/.test(url) ? url.slice(1) : url}`
    captureBody(response, body => {
      send(asked, response, body, made)
        .then(bytes => {
          if (name !== null && bytes !== null) lasting.set(name, { headers: response.getHeaders(), bytes })
        })
        .catch(error => response.destroy(error))
    })
    await handle(request, response)
  }
}

/** What of a request decides how the answer is sent. */
interface Asked {
  readonly prefix: string
  readonly encoding: Encoding | null
  readonly knownTags: readonly string[]
  readonly wantsBody: boolean
}

/** An answer that is sent again as it was. */
interface LastingAnswer {
  readonly headers: OutgoingHttpHeaders
  readonly bytes: Buffer
}

function sendAgain({ knownTags, wantsBody }: Asked, response: ServerResponse, known: LastingAnswer): void {
  for (const [name, value] of Object.entries(known.headers)) {
    if (value !== undefined) response.setHeader(name, value)
  }
  if (knownTags.includes(String(known.headers.etag))) {
    response.removeHeader('content-length')
    response.writeHead(304).end()
  } else response.end(wantsBody ? known.bytes : undefined)
}

/** What a whole answer's body was as it was sent; `null` for all that is not one of 200. */
async function send(
  asked: Asked,
  response: ServerResponse,
  answer: Buffer,
  bodies: RecentBodies<MadeBody>,
): Promise<Buffer | null> {
  const { prefix, knownTags, wantsBody } = asked
  prefixHeaders(response, prefix)
  // Its address says all; a body would repeat it as it was built.
  const built = isRedirect(response) ? Buffer.alloc(0) : answer
  const contentType = String(response.getHeader('content-type') ?? '')
  const isText = textual.test(contentType) && !response.hasHeader('content-encoding')
  const encoding = isText && built.length > compressFromBytes ? asked.encoding : null
  const tag = createHash('sha256')
    .update(`${prefix}\n${encoding}\n${contentType}\n`)
    .update(built)
    .digest('base64url')
  response.removeHeader('accept-ranges')
  response.removeHeader('last-modified')
  if (isText) response.appendHeader('vary', 'Accept-Encoding, X-Forwarded-Prefix, X-Forwarded-Uri')
  if (response.statusCode === 200) {
    response.setHeader('etag', `W/"${tag}"`)
    if (knownTags.includes(`W/"${tag}"`)) {
      // A browser keeps the policy of the page it holds when it is told that nothing changed.
      response.statusCode = 304
      response.removeHeader('content-length')
      response.end()
      return null
    }
  }
  const body = isText
    ? (bodies.get(tag) ?? bodies.set(tag, await makeBody(built, prefix, encoding, contentType)))
    : { bytes: built, policy: null }
  if (body.policy !== null) {
    response.setHeader('content-security-policy', body.policy)
    response.setHeader('cache-control', 'no-cache')
  }
  if (encoding) response.setHeader('content-encoding', encoding)
  if (response.statusCode === 204 || response.statusCode === 304) {
    response.end()
    return null
  }
  response.setHeader('content-length', body.bytes.length)
  response.end(wantsBody ? body.bytes : undefined)
  return response.statusCode === 200 ? body.bytes : null
}

function isRedirect(response: ServerResponse): boolean {
  return response.statusCode >= 300 && response.statusCode < 400 && response.hasHeader('location')
}

function prefixHeaders(response: ServerResponse, prefix: string): void {
  const replace = (value: string): string => withPrefix(value, prefix)
  for (const [name, value] of Object.entries(response.getHeaders())) {
    if (Array.isArray(value)) response.setHeader(name, value.map(replace))
    else if (typeof value === 'string') response.setHeader(name, replace(value) || '/')
  }
}

interface MadeBody {
  readonly bytes: Buffer
  /** The policy of a page; `null` for everything else. */
  readonly policy: string | null
}

async function makeBody(
  built: Buffer,
  prefix: string,
  encoding: Encoding | null,
  contentType: string,
): Promise<MadeBody> {
  const text = withPrefix(built.toString(), prefix)
  const plain = Buffer.from(text)
  return {
    bytes: encoding ? await compress(plain, encoding, 'kept') : plain,
    policy: contentType.startsWith('text/html') ? pagePolicy(text) : null,
  }
}
