import {
  type HttpMethod,
  HttpMethod_Registered,
  type Scheme,
  Scheme_Registered,
} from '#lib/mesh-api/gen/io/linkerd/proxy/http_types_pb.ts'
import type {
  ObserveRequest_Match,
  ObserveRequest_Match_Http,
  ObserveRequest_Match_Http_StringMatch,
  ObserveRequest_Match_Seq,
  ObserveRequest_Match_Tcp,
  ObserveRequest_Match_Tcp_Netmask,
} from '#lib/mesh-api/gen/io/linkerd/proxy/tap_pb.ts'
import { ipBytes } from '#lib/mesh-api/ip-message.ts'
import { parseIp } from '#lib/policy/ip-address.ts'
import { cidrContains } from '#lib/policy/network.ts'

/** What a tap may choose a request by. */
export interface TapFacts {
  readonly source: TapAddress
  /** `null`: the request got no further than the proxy. */
  readonly destination: TapAddress | null
  readonly method: string
  readonly scheme: string
  readonly authority: string
  /** Without its query. */
  readonly path: string
  readonly destinationLabels: Readonly<Record<string, string>>
  readonly routeLabels: Readonly<Record<string, string>>
}

export interface TapAddress {
  readonly ip: string
  readonly port: number
}

export type TapMatch = (facts: TapFacts) => boolean

const MAX_DEPTH = 16
const MAX_PORT = 65_535

/**
 * Whether a request is what the expression of an `ObserveRequest` asks for. Throws a `RangeError` for an expression
 * with a part that says nothing, or that nests deeper than 16.
 */
export function compileTapMatch({ match }: ObserveRequest_Match, depth = 1): TapMatch {
  if (depth > MAX_DEPTH) throw new RangeError(`Cannot read match: expected at most ${MAX_DEPTH} levels`)
  switch (match.case) {
    case 'all': {
      const all = compileEach(match.value, depth)
      return facts => all.every(one => one(facts))
    }
    case 'any': {
      const any = compileEach(match.value, depth)
      return facts => any.some(one => one(facts))
    }
    case 'not': {
      const inner = compileTapMatch(match.value, depth + 1)
      return facts => !inner(facts)
    }
    case 'source': {
      const holds = compileTcp(match.value)
      return ({ source }) => holds(source)
    }
    case 'destination': {
      const holds = compileTcp(match.value)
      return ({ destination }) => destination !== null && holds(destination)
    }
    case 'http':
      return compileHttp(match.value)
    case 'destinationLabel': {
      const { key, value } = match.value
      return ({ destinationLabels }) => has(destinationLabels, key, value)
    }
    case 'routeLabel': {
      const { key, value } = match.value
      return ({ routeLabels }) => has(routeLabels, key, value)
    }
    case undefined:
      throw empty('match')
  }
}

function compileEach({ matches }: ObserveRequest_Match_Seq, depth: number): readonly TapMatch[] {
  return matches.map(match => compileTapMatch(match, depth + 1))
}

function has(labels: Readonly<Record<string, string>>, key: string, value: string): boolean {
  return Object.hasOwn(labels, key) && labels[key] === value
}

function compileTcp({ match }: ObserveRequest_Match_Tcp): (address: TapAddress) => boolean {
  switch (match.case) {
    case 'netmask':
      return compileNetmask(match.value)
    case 'ports': {
      const { min, max } = match.value
      if (min > max || max > MAX_PORT) {
        throw new RangeError(`Cannot read match: expected ports from 0 to ${MAX_PORT}, got ${min} to ${max}`)
      }
      return ({ port }) => port >= min && port <= max
    }
    case undefined:
      throw empty('address')
  }
}

function compileNetmask({ ip, mask }: ObserveRequest_Match_Tcp_Netmask): (address: TapAddress) => boolean {
  const bytes = ip === undefined ? null : ipBytes(ip)
  if (bytes === null) throw empty('netmask')
  if (mask > bytes.length * 8) {
    throw new RangeError(`Cannot read match: expected at most ${bytes.length * 8} bits, got ${mask}`)
  }
  const block = { bytes, prefixBits: mask }
  return address => {
    const other = parseIp(address.ip)
    return other !== null && cidrContains(block, other)
  }
}

function compileHttp({ match }: ObserveRequest_Match_Http): TapMatch {
  switch (match.case) {
    case 'method': {
      const name = methodName(match.value)
      return ({ method }) => method === name
    }
    case 'scheme': {
      const name = schemeName(match.value)
      return ({ scheme }) => scheme === name
    }
    case 'authority': {
      const holds = compileString(match.value)
      return ({ authority }) => holds(authority)
    }
    case 'path': {
      const holds = compileString(match.value)
      return ({ path }) => holds(path)
    }
    case undefined:
      throw empty('http')
  }
}

function methodName({ type }: HttpMethod): string {
  const name = type.case === 'registered' ? HttpMethod_Registered[type.value] : type.value
  if (name === undefined) throw empty('method')
  return name
}

function schemeName({ type }: Scheme): string {
  if (type.case === undefined) throw empty('scheme')
  if (type.case === 'unregistered') return type.value
  return type.value === Scheme_Registered.HTTPS ? 'https' : 'http'
}

function compileString({ match }: ObserveRequest_Match_Http_StringMatch): (text: string) => boolean {
  switch (match.case) {
    case 'exact': {
      const { value } = match
      return text => text === value
    }
    case 'prefix': {
      const { value } = match
      return text => text.startsWith(value)
    }
    case undefined:
      throw empty('text')
  }
}

function empty(what: string): RangeError {
  return new RangeError(`Cannot read match: expected a ${what} that says something, got an empty one`)
}
