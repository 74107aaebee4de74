import { Agent, request } from 'node:http'
import type { Instance } from '#lib/resources/mesh-state.ts'

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

export interface Got {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

export interface Ask {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly localAddress?: string
}

/** One GET request; rejects when no whole response came. */
export function get(ask: Ask): Promise<Got> {
  return new Promise((done, fail) => {
    const outgoing = request({ ...ask, headers: { ...ask.headers }, agent })
    outgoing.on('error', fail)
    outgoing.on('response', response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', fail)
      response.on('end', () =>
        done({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
        }),
      )
    })
    outgoing.end()
  })
}

/** Asks a service as the app of `from` does: through the outbound port of its proxy. */
export function getThrough(
  from: Instance,
  service: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Got> {
  return get({ host: from.ip, port: from.proxyPorts.outbound, path, headers: { host: service, ...headers } })
}

/** The JSON of one of the server's endpoints, whatever its status. */
export async function api<T>(base: string, path: string): Promise<T> {
  const response = await fetch(new URL(`/api/v1${path}`, base))
  return (await response.json()) as T
}
