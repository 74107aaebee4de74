import { createHash } from 'node:crypto'
import { Agent, type IncomingMessage, type RequestListener, request } from 'node:http'
import type { Instance } from '#lib/resources/mesh-state.ts'

/** What became of the requests of a load. */
export interface LoadResult {
  sent: number
  /** Left by their client after the response's first bytes. */
  aborted: number
  /** Each that got no answer, or another's. */
  readonly wrong: string[]
}

const BODY_BYTES = 100_000
const MAX_WRONG = 20

/** Answers with the token of the request: at once, in pieces, with a digest of its body, or without an end. */
export const answerWithToken: RequestListener = (incoming, response) => {
  const token = String(incoming.headers['x-token'])
  const digest = createHash('sha256')
  incoming.on('data', chunk => digest.update(chunk))
  incoming.on('end', () => {
    response.setHeader('x-token', token)
    switch (incoming.url) {
      case '/sum':
        response.end(`${token} ${digest.digest('hex')}`)
        return
      case '/pieces':
        for (const character of token) response.write(character)
        response.end()
        return
      case '/endless':
        response.write(token)
        return
      default:
        response.end(token)
    }
  })
}

/** Sends requests by as many clients as told until `isOver`, each its next when the one before is answered. */
export async function runLoad(from: Instance, clients: number, isOver: () => boolean): Promise<LoadResult> {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const result: LoadResult = { sent: 0, aborted: 0, wrong: [] }
  const client = async (name: number) => {
    for (let i = 0; !isOver() && result.wrong.length < MAX_WRONG; i++) {
      await one(from, agent, `${name}.${i}`, i, result)
    }
  }
  await Promise.all(Array.from({ length: clients }, (_, name) => client(name)))
  agent.destroy()
  return result
}

async function one(
  from: Instance,
  agent: Agent,
  token: string,
  turn: number,
  result: LoadResult,
): Promise<void> {
  const path =
    ['/', '/sum', '/', '/pieces', '/', '/', '/', turn % 16 === 7 ? '/endless' : '/'][turn % 8] ?? '/'
  const body = path === '/sum' ? Buffer.alloc(BODY_BYTES, token) : Buffer.alloc(0)
  result.sent++
  try {
    const response = await ask(from, agent, path, token, body)
    if (path === '/endless') {
      const [first] = await Promise.race([firstBytes(response), ended(response)])
      response.socket.resetAndDestroy()
      result.aborted++
      expectAnswer(response, String(first), token)
      return
    }
    const sum = path === '/sum' ? ` ${createHash('sha256').update(body).digest('hex')}` : ''
    expectAnswer(response, await text(response), token + sum)
  } catch (error) {
    result.wrong.push(`${path} ${token}: ${error instanceof Error ? error.message : String(error)}`)
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
