import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingMessage,
  request as requestHttp,
} from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import { rootCertificates } from 'node:tls'
import { createGunzip } from 'node:zlib'
import { StoreError } from '#server/store/store-error.ts'
import { type Credentials, type PrometheusAccess, readCredentials } from './access.ts'
import type { Asked } from './asking-metrics.ts'
import { readTimelines, type Timeline } from './timelines.ts'

const maxBodyBytes = 64 * 1_024 * 1_024
const maxConnections = 8
const maxWaiting = 1_000

/** The steps of a question: one for each `stepMs` from `startMs` to `endMs`, both included. */
export interface Steps {
  readonly startMs: number
  readonly endMs: number
  readonly stepMs: number
}

/** Asks a Prometheus, or whatever speaks its API. At most 8 questions at a time; a thousand more wait. */
export class PrometheusClient {
  readonly #access: PrometheusAccess
  readonly #onAsked: Asked
  #credentials: Credentials | null = null
  #agent: HttpAgent | null = null
  readonly #running = new Set<ClientRequest>()
  readonly #waiting: (() => void)[] = []
  #busy = 0
  #isClosed = false

  constructor(access: PrometheusAccess, onAsked: Asked) {
    this.#access = access
    this.#onAsked = onAsked
  }

  /** How people know it: its address, without what may be secret in it. */
  get name(): string {
    return `Prometheus at ${this.#access.url.origin}${this.#access.url.pathname.replace(/\/$/, '')}`
  }

  /** Reads the files with what it wants to see; the next question shows that. Rejects with a StoreError. */
  async refresh(): Promise<void> {
    const fresh = await readCredentials(this.#access)
    if (fresh.ca !== this.#credentials?.ca) {
      this.#agent?.destroy()
      this.#agent = null
    }
    this.#credentials = fresh
  }

  /** What an expression is worth at each step. Rejects with a StoreError. */
  async ask(promql: string, { startMs, endMs, stepMs }: Steps): Promise<readonly Timeline[]> {
    const times =
      startMs === endMs
        ? { time: seconds(startMs) }
        : { start: seconds(startMs), end: seconds(endMs), step: seconds(stepMs) }
    const form = new URLSearchParams({ query: promql, ...times, timeout: `${this.#access.timeoutMs}ms` })
    const path = startMs === endMs ? 'api/v1/query' : 'api/v1/query_range'
    const beginMs = performance.now()
    await this.#turn()
    let result: 'answered' | 'failed' = 'failed'
    try {
      const { status, body } = await this.#post(path, form.toString())
      const timelines = this.#read(status, body)
      result = 'answered'
      return timelines
    } finally {
      this.#onAsked((performance.now() - beginMs) / 1_000, result)
      this.#busy--
      this.#waiting.shift()?.()
    }
  }

  /** Ends what is under way. Safe twice. */
  close(): void {
    this.#isClosed = true
    for (const request of this.#running) request.destroy()
    for (const go of this.#waiting.splice(0)) go()
    this.#agent?.destroy()
  }

  async #turn(): Promise<void> {
    if (this.#waiting.length >= maxWaiting)
      throw new StoreError(
        `Cannot ask ${this.name}: ${maxWaiting} questions wait already`,
        'Look at its load, or close some pages',
      )
    if (this.#busy >= maxConnections) await new Promise<void>(go => this.#waiting.push(go))
    this.#busy++
  }

  async #post(path: string, form: string): Promise<{ status: number; body: string }> {
    if (this.#credentials === null) await this.refresh()
    if (this.#isClosed) throw this.#failure('the server stops', '')
    const { url, timeoutMs } = this.#access
    const target = new URL(`${url.pathname.replace(/\/$/, '')}/${path}`, url.origin)
    const request = (target.protocol === 'https:' ? requestHttps : requestHttp)(target, {
      method: 'POST',
      agent: this.#agentOf(target),
      headers: {
        ...this.#credentials?.headers,
        'content-type': 'application/x-www-form-urlencoded',
        'accept-encoding': 'gzip',
        'user-agent': 'meshscope',
      },
    })
    this.#running.add(request)
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      request.destroy()
    }, timeoutMs)
    try {
      const response = await new Promise<IncomingMessage>((done, fail) => {
        request.once('response', done).once('error', fail).end(form)
      })
      const { location } = response.headers
      const status = response.statusCode ?? 0
      if (status >= 300 && status < 400) {
        response.destroy()
        throw this.#failure(
          `it sends us on to ${location ?? 'nowhere'}`,
          'Give --prometheus-url the address of the API itself: questions with credentials follow nobody',
        )
      }
      return { status, body: await this.#bodyOf(response) }
    } catch (error) {
      if (error instanceof StoreError) throw error
      if (isLate)
        throw this.#failure(
          `it did not answer within ${timeoutMs / 1_000} s`,
          'Look at its load, ask for a shorter time, or raise --prometheus-timeout',
        )
      const why = error instanceof Error ? error.message : String(error)
      throw this.#failure(why, this.#hintOf(error), error)
    } finally {
      clearTimeout(timer)
      this.#running.delete(request)
    }
  }

  #hintOf(error: unknown): string {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    return /CERT|SELF_SIGNED|ISSUER|ERR_TLS/.test(code)
      ? 'Give its authority with --prometheus-ca-file, or correct the name in --prometheus-url'
      : 'Start it, or correct --prometheus-url; it is asked again with every round'
  }

  #agentOf(target: URL): HttpAgent {
    const { ca = null } = this.#credentials ?? {}
    this.#agent ??=
      target.protocol === 'https:'
        ? new HttpsAgent({
            keepAlive: true,
            maxSockets: maxConnections,
            ...(ca === null ? {} : { ca: [...rootCertificates, ca] }),
          })
        : new HttpAgent({ keepAlive: true, maxSockets: maxConnections })
    return this.#agent
  }

  async #bodyOf(response: IncomingMessage): Promise<string> {
    const stream = response.headers['content-encoding'] === 'gzip' ? response.pipe(createGunzip()) : response
    if (stream !== response) response.once('error', error => stream.destroy(error))
    const chunks: Buffer[] = []
    let bytes = 0
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > maxBodyBytes) {
        response.destroy()
        throw this.#failure(
          `its answer is over ${maxBodyBytes / 1_048_576} MiB`,
          'Ask for a shorter time or a longer step',
        )
      }
      chunks.push(chunk)
    }
    return Buffer.concat(chunks, bytes).toString('utf8')
  }

  /** The timelines of an answer. Throws a StoreError that says in its own words why there is none. */
  #read(status: number, body: string): readonly Timeline[] {
    if (status === 401 || status === 403)
      throw this.#failure(
        `it refuses our credentials (HTTP ${status})`,
        'Correct the file of --prometheus-bearer-token-file, --prometheus-basic-auth-file or --prometheus-headers-file; it is read again with every round',
      )
    const answer = parsed(body)
    const timelines = answer?.status === 'success' ? readTimelines(answer.data) : null
    if (timelines !== null) return timelines
    if (typeof answer?.error === 'string')
      throw this.#failure(
        `${answer.error} (HTTP ${status})`,
        status === 422 || status === 503
          ? 'Ask for a shorter time or a longer step, or raise its limits (--query.max-samples, --query.timeout)'
          : 'Its own log says more',
      )
    throw this.#failure(
      `it answers HTTP ${status} and not as Prometheus does`,
      'Correct --prometheus-url: /api/v1/query is asked below it',
    )
  }

  #failure(why: string, hint: string, cause?: unknown): StoreError {
    return new StoreError(`Cannot ask ${this.name}: ${why}`, hint, { cause })
  }
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3)
}

function parsed(body: string): { status?: unknown; data?: unknown; error?: unknown } | null {
  try {
    const value: unknown = JSON.parse(body)
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}
