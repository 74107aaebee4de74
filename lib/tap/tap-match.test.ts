import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { describe, expect, test } from 'vitest'
import { ObserveRequest_MatchSchema } from '#lib/mesh-api/gen/io/linkerd/proxy/tap_pb.ts'
import { ipMessage } from '#lib/mesh-api/ip-message.ts'
import { compileTapMatch, type TapFacts } from './tap-match.ts'

type Match = NonNullable<MessageInitShape<typeof ObserveRequest_MatchSchema>['match']>

const facts: TapFacts = {
  source: { ip: '127.18.0.7', port: 41_000 },
  destination: { ip: '2001:db8::7', port: 8080 },
  method: 'PURGE',
  scheme: 'http',
  authority: 'catalog.shop:80',
  path: '/books/1',
  destinationLabels: { deployment: 'catalog' },
  routeLabels: { route: 'GET /books' },
}

const compile = (match: Match) => compileTapMatch(create(ObserveRequest_MatchSchema, { match }))
const netmask = (ip: string, mask: number) =>
  ({ match: { case: 'netmask', value: { ip: ipMessage(ip), mask } } }) as const
const http = (match: Extract<Match, { case: 'http' }>['value']['match']): Match => ({
  case: 'http',
  value: { match: match ?? { case: undefined } },
})
const path = (kind: 'exact' | 'prefix', value: string): Match =>
  http({ case: 'path', value: { match: { case: kind, value } } })
const label = (key: string, value: string): Match => ({ case: 'destinationLabel', value: { key, value } })
const seq = (...matches: Match[]) => ({ matches: matches.map(match => ({ match })) })

const YES = label('deployment', 'catalog')
const NO = label('deployment', 'users')

describe('compileTapMatch()', () => {
  test.each<[string, Match, boolean]>([
    ['all of nothing', { case: 'all', value: seq() }, true],
    ['all of what holds', { case: 'all', value: seq(YES, YES) }, true],
    ['all with one that does not', { case: 'all', value: seq(YES, NO) }, false],
    ['any of nothing', { case: 'any', value: seq() }, false],
    ['any with one that holds', { case: 'any', value: seq(NO, YES) }, true],
    ['not', { case: 'not', value: { match: YES } }, false],
    ['a label inherited by every object', label('constructor', ''), false],
    ['a route label', { case: 'routeLabel', value: { key: 'route', value: 'GET /books' } }, true],
    ['a source in a network', { case: 'source', value: netmask('127.18.0.0', 24) }, true],
    ['a source outside of it', { case: 'source', value: netmask('127.18.1.0', 24) }, false],
    ['everything, as a network', { case: 'source', value: netmask('0.0.0.0', 0) }, true],
    ['a network of the other version', { case: 'source', value: netmask('::', 0) }, false],
    ['a destination by all its bits', { case: 'destination', value: netmask('2001:db8::7', 128) }, true],
    [
      'a port in range',
      { case: 'destination', value: { match: { case: 'ports', value: { min: 80, max: 8080 } } } },
      true,
    ],
    [
      'a port below',
      { case: 'destination', value: { match: { case: 'ports', value: { min: 8081, max: 9000 } } } },
      false,
    ],
    [
      'a port above',
      { case: 'destination', value: { match: { case: 'ports', value: { min: 80, max: 8079 } } } },
      false,
    ],
    [
      'a method no registry knows',
      http({ case: 'method', value: { type: { case: 'unregistered', value: 'PURGE' } } }),
      true,
    ],
    ['another method', http({ case: 'method', value: { type: { case: 'registered', value: 0 } } }), false],
    ['the scheme', http({ case: 'scheme', value: { type: { case: 'registered', value: 0 } } }), true],
    ['another scheme', http({ case: 'scheme', value: { type: { case: 'registered', value: 1 } } }), false],
    [
      'an authority',
      http({ case: 'authority', value: { match: { case: 'prefix', value: 'catalog.' } } }),
      true,
    ],
    ['the path', path('exact', '/books/1'), true],
    ['part of the path, as all of it', path('exact', '/books'), false],
    ['a prefix of the path', path('prefix', '/books'), true],
    ['another prefix', path('prefix', '/books/12'), false],
  ])('matches as the expression says: %s', (_, match, expected) => {
    expect(compile(match)(facts)).toBe(expected)
  })

  test('matches no destination that is unknown', () => {
    const anywhere = compile({
      case: 'destination',
      value: { match: { case: 'ports', value: { min: 0, max: 65_535 } } },
    })
    expect(anywhere(facts)).toBe(true)
    expect(anywhere({ ...facts, destination: null })).toBe(false)
  })

  test.each<[string, Match]>([
    ['nothing', { case: undefined }],
    ['a part of nothing', { case: 'all', value: seq({ case: undefined }) }],
    ['an address of nothing', { case: 'source', value: {} }],
    [
      'a netmask without an address',
      { case: 'source', value: { match: { case: 'netmask', value: { mask: 8 } } } },
    ],
    ['more bits than an address has', { case: 'source', value: netmask('10.0.0.0', 33) }],
    [
      'a range that ends before it begins',
      { case: 'source', value: { match: { case: 'ports', value: { min: 2, max: 1 } } } },
    ],
    [
      'a port that cannot be',
      { case: 'source', value: { match: { case: 'ports', value: { min: 2, max: 65_536 } } } },
    ],
    ['a method of nothing', http({ case: 'method', value: {} })],
    ['a path of nothing', http({ case: 'path', value: {} })],
  ])('throws for %s', (_, match) => {
    expect(() => compile(match)).toThrow(/^Cannot read match: expected /)
  })

  test('throws for an expression that nests too deep', () => {
    const nest = (depth: number): Match =>
      depth === 1 ? YES : { case: 'not', value: { match: nest(depth - 1) } }
    expect(compile(nest(16))(facts)).toBe(false)
    expect(() => compile(nest(17))).toThrow('Cannot read match: expected at most 16 levels')
  })
})
