import * as z from 'zod/mini'
import { errorSchema } from '#lib/api/common.ts'
import { endpoints, type Topic } from '#lib/api/endpoints.ts'

const timeoutMs = 30_000

export type Answer<T extends Topic> = z.infer<(typeof endpoints)[T]['answer']>

/** The server could not be reached, or refused; `hint` says what to do and may be empty. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly hint: string

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options)
    this.hint = hint
  }
}

/** Asks one server. */
export interface ApiClient {
  /** The answer to the question; `undefined` params are left out. Throws `ApiError`. */
  ask<T extends Topic>(topic: T, params: Readonly<Record<string, string | undefined>>): Promise<Answer<T>>
}

/** A client of the server at `address`, a URL or `host:port`. */
export function createApiClient(address: string): ApiClient {
  const base = baseUrl(address)
  return {
    async ask(topic, params) {
      const url = new URL(base.href + endpoints[topic].path.slice(1))
      for (const [name, value] of Object.entries(params)) {
        if (value !== undefined) url.searchParams.set(name, value)
      }
      const { status, body } = await get(url, base)
      if (status !== 200) throw refusal(status, body, base)
      const parsed = z.safeParse(endpoints[topic].answer, body)
      if (!parsed.success) {
        throw new ApiError(
          `Cannot read the answer of ${base.origin}: ${z.prettifyError(parsed.error)}`,
          'The server may be of another version than this command: compare `meshscope --version`',
        )
      }
      return parsed.data as Answer<typeof topic>
    },
  }
}

/** The URL that the server's paths are below, its own path ending with a slash. Throws `ApiError` for what is none. */
export function baseUrl(address: string): URL {
  const text = /^https?:\/\//.test(address) ? address : `http://${address}`
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || url.hostname === '') {
    throw new ApiError(
      `Cannot use the API address ${JSON.stringify(address)}, expected host:port or a URL`,
      'For example --api-addr 127.0.0.1:8084',
    )
  }
  url.search = ''
  url.hash = ''
  if (!url.pathname.endsWith('/')) url.pathname += '/'
  return url
}

async function get(url: URL, base: URL): Promise<{ status: number; body: unknown }> {
  const stop = new AbortController()
  const timer = setTimeout(() => stop.abort(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs)
  try {
    const response = await fetch(url, { headers: { accept: 'application/json' }, signal: stop.signal })
    const text = await response.text()
    return { status: response.status, body: parseJson(text) }
  } catch (cause) {
    throw unreachable(base, cause)
  } finally {
    clearTimeout(timer)
  }
}

/** The error of a server that does not answer. */
export function unreachable(base: URL, cause: unknown): ApiError {
  return new ApiError(
    `Cannot reach meshscope at ${base.origin}: ${reasonOf(cause)}`,
    'Start it, or name its address with --api-addr or MESHSCOPE_API',
    { cause },
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

function refusal(status: number, body: unknown, base: URL): ApiError {
  const parsed = z.safeParse(errorSchema, body)
  if (parsed.success) return new ApiError(parsed.data.error.message, parsed.data.error.hint)
  return new ApiError(
    `Cannot ask ${base.origin}: expected an answer of meshscope, got status ${status}`,
    'Another program may be listening there: name the right address with --api-addr or MESHSCOPE_API',
  )
}

/** The innermost reason of a failed fetch, whose own message only says that it failed. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  if (thrown.cause !== undefined) return reasonOf(thrown.cause)
  const [first] = thrown instanceof AggregateError ? thrown.errors : []
  return first instanceof Error ? first.message : thrown.message
}
