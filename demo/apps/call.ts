import { Agent, request } from 'node:http'
import type { AppPlace } from './order.ts'

const agents = new Map<string, Agent>()

function agentOf(place: AppPlace): Agent {
  let agent = agents.get(place.pod)
  if (!agent) {
    agent = new Agent({ keepAlive: true, maxSockets: 64 })
    agents.set(place.pod, agent)
  }
  return agent
}

/** Closes the connections of an app that is no more. */
export function forgetCaller(place: AppPlace): void {
  agents.get(place.pod)?.destroy()
  agents.delete(place.pod)
}

export interface Call {
  readonly path: string
  /** `GET` unless it is said. */
  readonly method?: string
  /** Sent as JSON. */
  readonly body?: unknown
}

/** The status that a service answers with: asked through the app's own proxy, or directly when it has none. 0: no answer. */
export function call(place: AppPlace, service: string, { path, method, body }: Call): Promise<number> {
  const to = place.outbound ?? place.direct[service]
  if (!to) return Promise.resolve(0)
  const text = body === undefined ? '' : JSON.stringify(body)
  return new Promise(done => {
    const outgoing = request({
      host: to.host,
      port: to.port,
      path,
      method: method ?? 'GET',
      agent: agentOf(place),
      headers: {
        host: service,
        ...(text !== '' && { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) }),
      },
      timeout: 10_000,
      ...(!place.outbound && { localAddress: place.ip }),
    })
    outgoing.on('timeout', () => outgoing.destroy())
    outgoing.on('error', () => done(0))
    outgoing.on('response', response => {
      response.on('error', () => done(0))
      response.on('end', () => done(response.statusCode ?? 0))
      response.resume()
    })
    outgoing.end(text)
  })
}

/** Whether an answer with this status is one that a caller can use. */
export function isAnswer(status: number): boolean {
  return status > 0 && status < 500
}
