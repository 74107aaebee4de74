import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Edge } from '#lib/api/edges.ts'
import type { GoldenRow } from '#lib/api/golden.ts'
import { run } from './run.ts'

/** What a command line printed, and the questions it asked. */
export interface Outcome {
  readonly exit: number
  readonly out: string
  readonly err: string
  readonly asked: readonly string[]
}

/** What the server of a test says to a question: a status and a body. */
export type Reply = (url: URL) => { readonly status: number; readonly body: unknown }

/** Runs a command line against a real HTTP server that answers with `reply`. */
export async function runAgainst(reply: Reply, ...args: string[]): Promise<Outcome> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    const { status, body } = reply(new URL(request.url ?? '', 'http://localhost'))
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
    response.end(typeof body === 'string' ? body : JSON.stringify(body))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    return { ...(await runWith({ MESHSCOPE_API: `127.0.0.1:${port}` }, ...args)), asked }
  } finally {
    await new Promise(resolve => server.close(resolve))
  }
}

/** Runs a command line in an environment. */
export async function runWith(env: Record<string, string>, ...args: string[]): Promise<Outcome> {
  let [out, err] = ['', '']
  const exit = await run(args, '1.2.3', {
    env,
    colours: false,
    print: text => {
      out += text
    },
    complain: text => {
      err += `${text}\n`
    },
    onInterrupt: () => () => {},
  })
  return { exit, out, err, asked: [] }
}

export const span = { start: '2026-01-01T00:00:00Z', end: '2026-01-01T00:01:00Z', stepSeconds: 1 }
export const fullCoverage = { expected: 3, answered: 3, oldestSampleAt: span.end, missing: [] }

/** A row of `/golden` with traffic, changed as asked. */
export function goldenRow(id: string, change: Partial<GoldenRow> = {}): GoldenRow {
  const [namespace = '', kind = '', name = ''] = id.split('/')
  return {
    id,
    resource: { namespace, kind, name },
    meshed: { running: 1, total: 2 },
    golden: { requests: 120, rps: 2, successRate: 1, latencyMs: { p50: 123.4, p95: 123.4, p99: 123.4 } },
    tcp: { open: 123, readBytesPerSecond: 2, writeBytesPerSecond: 2 },
    mtlsRate: 1,
    denied: 0,
    ...change,
  }
}

/** What a row without traffic counts. */
export const nothing = {
  golden: { requests: 0, rps: 0, successRate: null, latencyMs: { p50: null, p95: null, p99: null } },
  tcp: { open: null, readBytesPerSecond: null, writeBytesPerSecond: null },
} satisfies Partial<GoldenRow>

/** A secured edge, changed as asked. */
export function edge(source: string, destination: string, change: Partial<Edge> = {}): Edge {
  const { resource: from, golden, tcp } = goldenRow(source)
  const { resource: to } = goldenRow(destination)
  return {
    id: `${source}>${destination}`,
    source: from,
    destination: to,
    clientId: `${from.name}.${from.namespace}.serviceaccount.identity.linkerd.cluster.local`,
    serverId: `${to.name}.${to.namespace}.serviceaccount.identity.linkerd.cluster.local`,
    secured: true,
    mtls: 'all',
    mtlsRatio: 1,
    reasons: [],
    denied: 0,
    golden,
    tcp,
    ...change,
  }
}

/** Answers every question with these rows. */
export function rowsReply(rows: readonly unknown[], more: object = {}): Reply {
  return () => ({ status: 200, body: { span, coverage: fullCoverage, rows, ...more } })
}
