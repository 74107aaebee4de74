import { createHash } from 'node:crypto'
import { Agent, type IncomingMessage, request } from 'node:http'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { BODY_BYTES, pathOf, type Turn } from './load.ts'

/** Turns of HTTP/1 clients that share kept connections; `close` ends these. */
export function http1Load(from: Instance, clients: number): { readonly turn: Turn; close(): void } {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  return {
    close: () => agent.destroy(),
    turn: async (token, turn) => {
      const path = pathOf(turn)
      const body = path === '/sum' ? Buffer.alloc(BODY_BYTES, token) : Buffer.alloc(0)
      const response = await ask(from, agent, path, token, body)
      if (path === '/endless') {
        const [first] = await Promise.race([firstBytes(response), ended(response)])
        response.socket.resetAndDestroy()
        expectAnswer(response, String(first), token)
        return 'aborted'
      }
      const sum = path === '/sum' ? ` ${createHash('sha256').update(body).digest('hex')}` : ''
      expectAnswer(response, await text(response), token + sum)
      return 'answered'
    },
  }
}

function ask(
  from: Instance,
  agent: Agent,
  path: string,
  token: string,
  body: Buffer,
): Promise<IncomingMessage> {
  return new Promise((done, fail) => {
    const outgoing = request(
      {
        host: from.ip,
        port: from.proxyPorts.outbound,
        agent,
        path,
        method: body.length > 0 ? 'POST' : 'GET',
        headers: { host: 'server', 'x-token': token },
      },
      done,
    )
    outgoing.on('error', fail)
    outgoing.end(body)
  })
}

function expectAnswer({ statusCode, headers }: IncomingMessage, found: string, expected: string): void {
  if (statusCode !== 200 || found !== expected) {
    const why = String(headers['l5d-proxy-error'] ?? '')
    throw new Error(`expected 200 "${expected}", got ${statusCode} "${found.slice(0, 100)}" ${why}`)
  }
}

function firstBytes(response: IncomingMessage): Promise<[Buffer]> {
  return new Promise(done => response.once('data', (chunk: Buffer) => done([chunk])))
}

function ended(response: IncomingMessage): Promise<never> {
  return new Promise((_, fail) => {
    response.once('error', fail)
    response.once('close', () => fail(new Error('the response ended before its first bytes')))
  })
}

async function text(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}
