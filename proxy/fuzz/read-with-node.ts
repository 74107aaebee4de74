import { HTTPParser, methods } from 'node:_http_common'
import type { Buffer } from 'node:buffer'
import type { ReadRequest, ReadRequests } from './read-message.ts'

const MAX_HEADER_BYTES = 1024 * 1024

/** Reads requests with Node's own parser, as strictly as `node:http` does. Stops where one leaves HTTP. */
export function readWithNode(bytes: Buffer): ReadRequests {
  const requests: ReadRequest[] = []
  const parser = new HTTPParser()
  parser.initialize(HTTPParser.REQUEST, {}, MAX_HEADER_BYTES, 0)
  let early: string[] = []
  let earlyUrl = ''
  let isOver = false
  let current: ReadRequest | null = null
  parser[HTTPParser.kOnHeaders] = (headers: string[], url: string) => {
    if (current === null) {
      early.push(...headers)
      earlyUrl += url
    } else current.trailers = [...current.trailers, ...pairs(headers)]
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
      headers: pairs(headers ?? early),
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
  const result = parser.execute(bytes)
  parser.close()
  return { requests, fault: typeof result === 'number' ? null : result.code, isOver }
}

function pairs(flat: readonly string[]): [string, string][] {
  const all: [string, string][] = []
  for (let i = 0; i + 1 < flat.length; i += 2) all.push([flat[i] ?? '', flat[i + 1] ?? ''])
  return all
}
