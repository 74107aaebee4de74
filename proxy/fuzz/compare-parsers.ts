import { methods } from 'node:_http_common'
import { Buffer } from 'node:buffer'
import type { ReadRequest, ReadRequests } from './read-message.ts'
import { readWithNode } from './read-with-node.ts'
import { readWithProxy } from './read-with-proxy.ts'

const LINE_END = Buffer.from('\r\n')
const NODES_METHODS = new Set(methods)

export type Verdict = 'accepted' | 'refused' | 'unknown method'

/**
 * Reads bytes with the proxy's parser and with Node's. Whatever the proxy takes, and what it then sends, Node must take
 * for the same requests: throws an error that tells the difference otherwise. Methods that Node does not know are not
 * compared. `pieces` are the same bytes, cut: the proxy must read the same from them.
 */
export function compareParsers(bytes: Buffer, pieces: readonly Buffer[]): Verdict {
  const ours = readWithProxy([bytes])
  const cut = readWithProxy(pieces)
  const isRefused = ours.fault !== null
  expectSame('cut reads', comparable(cut, isRefused), comparable(ours, isRefused))
  // A head that comes in pieces may be judged only with its next line.
  const judged = cut.fault === null && ours.fault !== null ? readWithProxy([...pieces, LINE_END]) : cut
  expectSame('cut reads: refused', judged.fault !== null, ours.fault !== null)
  if (ours.requests.length === 0) return 'refused'
  if (ours.requests.some(({ method }) => !NODES_METHODS.has(method))) return 'unknown method'
  const nodes = readWithNode(bytes)
  for (const [i, request] of ours.requests.entries()) {
    // Node leaves HTTP for any upgrade; the proxy passes one that has a body on as a request like others.
    if (nodes.isOver && i >= nodes.requests.length) break
    expectSameRequest(`request ${i}`, request, nodes.requests[i], ours.fault !== null)
  }
  if (ours.fault === null && !ours.isOver && nodes.requests.length > ours.requests.length) {
    throw new Error(`Node reads ${nodes.requests.length} requests, the proxy ${ours.requests.length}`)
  }
  for (const forwarded of [ours.forwarded, readWithProxy(pieces, false).forwarded]) {
    expectForwarded(ours, readWithNode(forwarded))
  }
  return ours.fault === null ? 'accepted' : 'refused'
}

/** What a server of Node's reads of the forwarded bytes: the whole requests, and no other. */
function expectForwarded({ requests, fault }: ReadRequests, server: ReadRequests): void {
  let i = 0
  for (const request of requests) {
    const received = server.requests[i++]
    if (received === undefined) throw new Error(`The server misses request ${i - 1}`)
    const what = `forwarded request ${i - 1}`
    expectSame(`${what}: method`, received.method, request.method)
    expectSame(`${what}: isWhole`, received.isWhole, request.isWhole)
    // Of a body that is refused in its middle, some was passed on before.
    if (request.isWhole || fault === null) expectSame(`${what}: body`, received.body, request.body)
    expectSame(`${what}: target`, lowerHost(received.target), lowerHost(forwardedTarget(request)))
  }
  if (server.requests.length > requests.length) {
    throw new Error(`The server reads ${server.requests.length} requests, the proxy ${requests.length}`)
  }
  if (server.fault !== null && fault === null) throw new Error(`The server refuses: ${server.fault}`)
}

function forwardedTarget({ method, target }: ReadRequest): string {
  if (method === 'CONNECT' || !target.startsWith('http://')) return target
  const path = /^http:\/\/[^/?]*(.*)$/s.exec(target)?.[1] ?? ''
  if (path === '') return method === 'OPTIONS' ? '*' : '/'
  return path.startsWith('?') ? `/${path}` : path
}

function expectSameRequest(
  what: string,
  ours: ReadRequest,
  nodes: ReadRequest | undefined,
  isRefusedLater: boolean,
): void {
  if (nodes === undefined) throw new Error(`Node refuses ${what}: ${describeRequest(ours)}`)
  expectSame(`${what}: method`, nodes.method, ours.method)
  expectSame(`${what}: version`, nodes.isHttp10, ours.isHttp10)
  const isAbsolute = ours.target.startsWith('http://') || ours.method === 'CONNECT'
  expectSame(
    `${what}: target`,
    isAbsolute ? lowerHost(nodes.target) : nodes.target,
    isAbsolute ? lowerHost(ours.target) : ours.target,
  )
  expectSame(`${what}: headers`, JSON.stringify(nodes.headers), JSON.stringify(ours.headers))
  // What is refused within a body was partly passed on, and never as a whole.
  if (isRefusedLater && !ours.isWhole) return
  expectSame(`${what}: body`, nodes.body, ours.body)
  expectSame(`${what}: isWhole`, nodes.isWhole, ours.isWhole)
  expectSame(`${what}: trailers`, JSON.stringify(nodes.trailers), JSON.stringify(ours.trailers))
}

/** A host's letters mean the same whatever their case; a path's do not. */
function lowerHost(target: string): string {
  if (target.startsWith('/')) return target
  return target.replace(/^(?:http:\/\/)?[^/?]*/i, host => host.toLowerCase())
}

function expectSame<T>(what: string, found: T, expected: T): void {
  if (found !== expected) {
    throw new Error(`${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`)
  }
}

/** Of a body that is refused in its middle, where reads are cut decides how much is passed on before. */
function comparable({ requests }: ReadRequests, isRefused: boolean): string {
  return JSON.stringify(
    requests.map(request => (isRefused && !request.isWhole ? { ...request, body: '' } : request)),
  )
}

function describeRequest({ method, target, headers }: ReadRequest): string {
  return JSON.stringify([method, target, headers])
}
