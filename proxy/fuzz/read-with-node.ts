import { HTTPParser, methods } from 'node:_http_common'
import type { Buffer } from 'node:buffer'
import type { ReadRequest, ReadRequests } from './read-message.ts'

const MAX_HEADER_BYTES = 1024 * 1024

/** One parser for all inputs, as `node:http` keeps its own for connection after connection. */
const parser = new HTTPParser()
let requests: ReadRequest[] = []
let current: ReadRequest | null = null
let early: string[] = []
let earlyUrl = ''
let isOver = false

/** Reads requests with Node's own parser, as strictly as `node:http` does. Stops where one leaves HTTP. */
export function readWithNode(bytes: Buffer): ReadRequests {
  requests = []
  current = null
  early = []
  earlyUrl = ''
  isOver = false
  parser.initialize(HTTPParser.REQUEST, {}, MAX_HEADER_BYTES, 0)
  const result = parser.execute(bytes)
  return { requests, fault: typeof result === 'number' ? null : result.code, isOver }
}

parser[HTTPParser.kOnHeaders] = (headers: string[], url: string) => {
  if (current === null) {
    early.push(...headers)
    earlyUrl += url
  } else current.trailers = [...current.trailers, ...headers]
}
parser[HTTPParser.kOnHeadersComplete] = (
  _major: number,
  minor: number,
  headers: string[] | undefined,
  method: number,
  url: string | undefined,
  _status: unknown,
  _statusMessage: unknown,
  isUpgrade: boolean,
) => {
  isOver ||= isUpgrade
  current = {
    method: methods[method] ?? '',
    target: url ?? earlyUrl,
    isHttp10: minor === 0,
    headers: headers ?? early,
    body: '',
    trailers: [],
    isWhole: false,
  }
  early = []
  earlyUrl = ''
  requests.push(current)
  return 0
}
parser[HTTPParser.kOnBody] = (chunk: Buffer) => {
  if (current !== null) current.body += chunk.toString('latin1')
}
parser[HTTPParser.kOnMessageComplete] = () => {
  if (current !== null) current.isWhole = true
  current = null
}
