import type { Buffer } from 'node:buffer'
import { allow } from '#proxy/accept/test-proxy.ts'
import { Cleanup, RawClient, until } from '#proxy/accept/test-sockets.ts'
import { eachToken } from '#proxy/http/header-block.ts'
import { startProxy } from '#proxy/inbound/test-inbound.ts'
import { hasUnknownMethod, type Verdict } from './compare-parsers.ts'
import { forwardedTarget, lowerHost } from './forwarded-target.ts'
import type { ReadRequest } from './read-message.ts'
import { readWithProxy } from './read-with-proxy.ts'
import { startRecordingApp } from './recording-app.ts'

const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'te',
  'upgrade',
  'transfer-encoding',
  'host',
])
/** How a proxy says that it did not pass a request on, or not whole. */
const REFUSAL = /HTTP\/1\.1 (?:400|431|502) /

/** Two servers of Node's own, one of them behind an inbound proxy; all over sockets. */
export interface ComparedServers {
  /**
   * Sends the pieces to both. What reaches the one behind the proxy must be what the other was asked, in this order, and
   * all of it unless the proxy refused: throws an error that tells the difference otherwise. Methods that Node does not
   * know are not compared: behind the proxy the app refuses such a request alone, and not the connection's next.
   */
  compare(pieces: readonly Buffer[]): Promise<Verdict>
  close(): Promise<void>
}

export async function startComparedServers(): Promise<ComparedServers> {
  const cleanup = new Cleanup()
  const alone = await startRecordingApp(cleanup)
  const behind = await startRecordingApp(cleanup)
  const proxy = await startProxy(cleanup, behind.port, { requestIds: false })
  proxy.policies.set({ ...allow({ kind: 'unauthenticated' }), protocol: 'http1' })
  const isAtRest = () => {
    if (behind.pending > 0) return false
    const metrics = proxy.metrics()
    const count = (family: string) => {
      const line = new RegExp(`^${family}\\{direction="inbound",peer="dst"\\S* (\\d+)$`, 'm').exec(metrics)
      return Number(line?.[1] ?? 0)
    }
    return count('tcp_open_total') === behind.accepted && count('tcp_open_connections') === behind.open
  }
  return {
    compare: async pieces => {
      if (hasUnknownMethod(readWithProxy(pieces).requests)) return 'unknown method'
      await send({ host: '127.0.0.1', port: alone.port }, pieces)
      await until(() => alone.open === 0, 'the server alone to rest')
      const received = await send(proxy.listener.address, pieces)
      await until(isAtRest, 'the server behind the proxy to rest')
      const isRefused = REFUSAL.test(received)
      expectSameRequests(alone.take(), behind.take().requests, isRefused)
      return isRefused ? 'refused' : 'accepted'
    },
    close: () => cleanup.run(),
  }
}

/** Sends all and the end; returns what came back until the peer's. */
async function send(address: { host: string; port: number }, pieces: readonly Buffer[]): Promise<string> {
  const cleanup = new Cleanup()
  const client = await RawClient.connect(cleanup, address)
  client.socket.setNoDelay(true)
  for (const piece of pieces) if (piece.length > 0) client.socket.write(piece)
  client.socket.end()
  if (!client.isClosed) await new Promise(done => client.socket.once('close', done))
  await cleanup.run()
  return client.received
}

function expectSameRequests(
  { requests, isOver }: { readonly requests: readonly ReadRequest[]; readonly isOver: boolean },
  behind: readonly ReadRequest[],
  isRefused: boolean,
): void {
  const tell = (what: string) => {
    throw new Error(`${what}: alone ${JSON.stringify(requests)}, behind the proxy ${JSON.stringify(behind)}`)
  }
  for (const [i, found] of behind.entries()) {
    const expected = requests[i]
    // Alone, it leaves HTTP for any upgrade; the proxy passes one that has a body on as a request like others.
    if (expected === undefined && isOver) break
    if (expected === undefined) {
      tell(`Request ${i} reached only the server behind the proxy`)
      break
    }
    if (found.method !== expected.method) tell(`The method of request ${i} differs`)
    if (lowerHost(found.target) !== lowerHost(forwardedTarget(expected)))
      tell(`The target of request ${i} differs`)
    const header = changedHeader(expected.headers, found.headers)
    if (header !== null) tell(`Header ${header} of request ${i} differs`)
    const isLeaving = isOver && i === requests.length - 1
    if (!found.isWhole || isLeaving) continue
    if (!expected.isWhole) tell(`Request ${i} is whole only behind the proxy`)
    if (found.body !== expected.body) tell(`The body of request ${i} differs`)
    if (changedHeader(expected.trailers, found.trailers) !== null) tell(`A trailer of request ${i} differs`)
  }
  const whole = requests.filter(request => request.isWhole)
  if (!isRefused && behind.length < whole.length) tell('The proxy kept a request')
}

/** The name of a header that came, left or changed on its way and should not have; `null` when none did. */
function changedHeader(sent: readonly string[], found: readonly string[]): string | null {
  const named = new Set<string>()
  for (let i = 0; i < sent.length; i += 2) {
    if (sent[i]?.toLowerCase() !== 'connection') continue
    eachToken(sent[i + 1] ?? '', token => named.add(token))
  }
  const remaining = (all: readonly string[]) =>
    all.flatMap((name, i) => {
      const lower = name.toLowerCase()
      const isLeftOut = HOP_BY_HOP.has(lower) || named.has(lower) || lower.startsWith('l5d-')
      return i % 2 === 1 || isLeftOut ? [] : [`${name}: ${all[i + 1]}`]
    })
  const after = remaining(found)
  return remaining(sent).find((line, i) => line !== after[i]) ?? after[remaining(sent).length] ?? null
}
