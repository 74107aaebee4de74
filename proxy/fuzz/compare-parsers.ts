import { methods } from 'node:_http_common'
import { Buffer } from 'node:buffer'
import { forwardedTarget, lowerHost } from './forwarded-target.ts'
import type { ReadRequest, ReadRequests } from './read-message.ts'
import { readWithNode } from './read-with-node.ts'
import { ProxyReader } from './read-with-proxy.ts'

const LINE_END = Buffer.from('\r\n')
const NODES_METHODS = new Set(methods)

export type Verdict = 'accepted' | 'refused' | 'unknown method'

/** Two connections of the proxy: one reads the bytes at once, the other in pieces. */
const atOnce = new ProxyReader()
const inPieces = new ProxyReader()

/**
 * Reads bytes with the proxy's parser and with Node's. Whatever the proxy takes, and what it then sends, Node must take
 * for the same requests: throws an error that tells the difference otherwise. Methods that Node does not know are not
 * compared. `pieces` are the same bytes, cut: the proxy must read the same from them. `keepsChunkFraming`: whether it
 * passes chunks of the whole bytes on as they are framed; those of the pieces it passes on the other way.
 */
export function compareParsers(
  bytes: Buffer,
  pieces: readonly Buffer[],
  keepsChunkFraming: boolean,
): Verdict {
  const ours = atOnce
  ours.read([bytes], keepsChunkFraming)
  const isRefused = ours.fault !== null
  inPieces.read(pieces, !keepsChunkFraming)
  expectSameReading(inPieces.requests, ours.requests, isRefused)
  const forwardedInPieces = inPieces.forwarded
  // A head that comes in pieces may be judged only with its next line.
  if (isRefused && inPieces.fault === null) inPieces.feed(LINE_END)
  expectSame('cut reads: refused', inPieces.fault !== null, isRefused)
  if (ours.requests.length === 0) return 'refused'
  if (hasUnknownMethod(ours.requests)) return 'unknown method'
  const nodes = readWithNode(bytes)
  for (const [i, request] of ours.requests.entries()) {
    // Node leaves HTTP for any upgrade; the proxy passes one that has a body on as a request like others.
    if (nodes.isOver && i >= nodes.requests.length) break
    expectSameRequest(`request ${i}`, request, nodes.requests[i], isRefused)
  }
  if (!isRefused && !ours.isOver && nodes.requests.length > ours.requests.length) {
    throw new Error(`Node reads ${nodes.requests.length} requests, the proxy ${ours.requests.length}`)
  }
  expectForwarded(ours, ours.forwarded)
  if (forwardedInPieces !== ours.forwarded) expectForwarded(ours, forwardedInPieces)
  return isRefused ? 'refused' : 'accepted'
}

/** Whether Node would refuse one for its method alone. */
export function hasUnknownMethod(requests: readonly ReadRequest[]): boolean {
  return requests.some(({ method }) => !NODES_METHODS.has(method))
}

/** What a server of Node's reads of the forwarded bytes: the whole requests, and no other. */
function expectForwarded({ requests, fault }: ReadRequests, forwarded: string): void {
  const server = readWithNode(Buffer.from(forwarded, 'latin1'))
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
  expectSameTexts(`${what}: headers`, nodes.headers, ours.headers)
  // What is refused within a body was partly passed on, and never as a whole.
  if (isRefusedLater && !ours.isWhole) return
  expectSame(`${what}: body`, nodes.body, ours.body)
  expectSame(`${what}: isWhole`, nodes.isWhole, ours.isWhole)
  expectSameTexts(`${what}: trailers`, nodes.trailers, ours.trailers)
}

function expectSame<T>(what: string, found: T, expected: T): void {
  if (found !== expected) {
    throw new Error(`${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`)
  }
}

function expectSameTexts(what: string, found: readonly string[], expected: readonly string[]): void {
  if (found.length !== expected.length || found.some((text, i) => text !== expected[i])) {
    throw new Error(`${what}: expected ${JSON.stringify(expected)}, found ${JSON.stringify(found)}`)
  }
}

/** What the proxy reads must not depend on where its reads are cut. */
function expectSameReading(
  cut: readonly ReadRequest[],
  whole: readonly ReadRequest[],
  isRefused: boolean,
): void {
  expectSame('cut reads: requests', cut.length, whole.length)
  for (const [i, expected] of whole.entries()) {
    const found = cut[i]
    if (found === undefined) return
    const what = `cut reads: request ${i}`
    expectSame(`${what}: method`, found.method, expected.method)
    expectSame(`${what}: target`, found.target, expected.target)
    expectSame(`${what}: version`, found.isHttp10, expected.isHttp10)
    expectSameTexts(`${what}: headers`, found.headers, expected.headers)
    expectSame(`${what}: isWhole`, found.isWhole, expected.isWhole)
    // Of a body that is refused in its middle, where reads are cut decides how much is passed on before.
    if (expected.isWhole || !isRefused) expectSame(`${what}: body`, found.body, expected.body)
    expectSameTexts(`${what}: trailers`, found.trailers, expected.trailers)
  }
}

function describeRequest({ method, target, headers }: ReadRequest): string {
  return JSON.stringify([method, target, headers])
}
