import { Agent, request } from 'node:http'
import type { AppPlace } from './app.ts'

const agents = new Map<string, Agent>()

function agentOf(place: AppPlace): Agent {
  let agent = agents.get(place.pod)
  if (!agent) {
    agent = new Agent({ keepAlive: true, maxSockets: 64 })
    agents.set(place.pod, agent)
  }
  return agent
}

export interface CallResult {
  /** 0 when no response came. */
  readonly status: number
  readonly body: string
}

/** Asks a service for a path: through the app's own proxy, or directly when it has none. */
export function call(
  place: AppPlace,
  service: string,
  path: string,
  timeoutMs = 10_000,
): Promise<CallResult> {
  const to = place.outbound ?? place.direct[service]
  if (!to) return Promise.resolve({ status: 0, body: '' })
  return new Promise(done => {
    const outgoing = request({
      host: to.host,
      port: to.port,
      path,
      agent: agentOf(place),
      headers: { host: service },
      timeout: timeoutMs,
      ...(!place.outbound && { localAddress: place.ip }),
    })
    outgoing.on('timeout', () => outgoing.destroy())
    outgoing.on('error', () => done({ status: 0, body: '' }))
    outgoing.on('response', response => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', () => done({ status: 0, body: '' }))
      response.on('end', () =>
        done({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }),
      )
    })
    outgoing.end()
  })
}
