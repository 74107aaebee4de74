import { compilePathPattern } from '#lib/profile/path-pattern.ts'
import type { HttpRouteMatch, ValueMatch } from '#lib/resources/policy-objects.ts'

/** What routes are told apart by. */
export interface RoutedRequest {
  readonly method: string
  /** In lower case, without its port. */
  readonly host: string
  readonly path: string
  /** Without the question mark. */
  readonly query: string
  /** The values of all headers of this lower-case name. */
  headers(name: string): readonly string[]
}

/** How well a request fits: characters of the path that were named, headers, query parameters, method; `null`: not at all. */
export type CompiledMatch = (request: RoutedRequest) => readonly [number, number, number, number] | null

type Test = (text: string) => boolean

/** Throws a RangeError for a pattern that cannot be used. */
export function compileMatch(match: HttpRouteMatch): CompiledMatch {
  const path = compilePath(match.path)
  const headers = match.headers.map(one => ({ name: one.name.toLowerCase(), test: compileValue(one) }))
  const parameters = match.queryParams.map(one => ({ name: one.name, test: compileValue(one) }))
  const { method } = match
  const isMethodNamed = method === null ? 0 : 1
  return request => {
    if (method !== null && request.method !== method) return null
    const named = path(request.path)
    if (named < 0) return null
    if (!headers.every(({ name, test }) => request.headers(name).some(test))) return null
    if (parameters.length > 0) {
      const sent = queryParameters(request.query)
      if (!parameters.every(({ name, test }) => sent.some(one => one.name === name && test(one.value)))) {
        return null
      }
    }
    return [named, headers.length, parameters.length, isMethodNamed]
  }
}

/** How many characters of a path are named; -1 for a path that is not meant. */
function compilePath({ type, value }: HttpRouteMatch['path']): (path: string) => number {
  switch (type) {
    case 'Exact':
      return path => (path === value ? path.length : -1)
    case 'RegularExpression': {
      const matches = compilePathPattern(value)
      return path => (matches(path) ? path.length : -1)
    }
    case 'PathPrefix': {
      const prefix = value.endsWith('/') ? value.slice(0, -1) : value
      return path => (path === prefix || path.startsWith(`${prefix}/`) ? value.length : -1)
    }
  }
}

function compileValue({ type, value }: ValueMatch): Test {
  return type === 'Exact' ? text => text === value : compilePathPattern(value)
}

/** The parameters of a form-encoded query, in its order. */
function queryParameters(query: string): readonly { readonly name: string; readonly value: string }[] {
  return query
    .split('&')
    .filter(part => part !== '')
    .map(part => {
      const equals = part.indexOf('=')
      const [name, value] = equals < 0 ? [part, ''] : [part.slice(0, equals), part.slice(equals + 1)]
      return { name: decoded(name), value: decoded(value) }
    })
}

function decoded(text: string): string {
  return text.replaceAll('+', ' ').replaceAll(/(?:%[\da-fA-F]{2})+/g, escaped => {
    try {
      return decodeURIComponent(escaped)
    } catch {
      return escaped
    }
  })
}
