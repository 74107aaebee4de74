import type { RequestCondition, ResponseClass, ResponseCondition } from '#lib/resources/service-profile.ts'
import { compilePathPattern } from './path-pattern.ts'
import type { Route, RouteTable } from './route-table.ts'

/** A route as its author wrote it, whichever form it came in. */
export interface RouteSpec {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly condition: RequestCondition
  readonly responseClasses: readonly ResponseClass[]
  readonly isRetryable: boolean
  readonly timeoutMs: number | null
}

type RequestTest = (method: string, path: string) => boolean
type StatusTest = (status: number) => boolean

/** The route of requests that match no other. */
const defaultRoute: Route = {
  name: '',
  labels: {},
  isRetryable: false,
  timeoutMs: null,
  isFailure: () => null,
}

/**
 * The table of a service's routes: the first that matches wins, and requests that match none get the default
 * route. A route whose pattern cannot be used is left out and reported to `onProblem`.
 */
export function compileRoutes(
  authority: string,
  specs: readonly RouteSpec[],
  onProblem: (message: string) => void = () => {},
): RouteTable {
  const routes: { matches: RequestTest; route: Route }[] = []
  for (const spec of specs) {
    try {
      routes.push({ matches: compileRequest(spec.condition), route: compileRoute(spec) })
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      onProblem(`Route "${spec.name}" of ${authority} is left out: ${error.message}`)
    }
  }
  return {
    authority,
    match: (method, path) => routes.find(({ matches }) => matches(method, path))?.route ?? defaultRoute,
  }
}

function compileRoute(spec: RouteSpec): Route {
  const classes = spec.responseClasses.map(({ condition, isFailure }) => ({
    matches: compileResponse(condition),
    isFailure,
  }))
  return {
    name: spec.name,
    labels: spec.labels,
    isRetryable: spec.isRetryable,
    timeoutMs: spec.timeoutMs,
    isFailure: status => classes.find(({ matches }) => matches(status))?.isFailure ?? null,
  }
}

function compileRequest(condition: RequestCondition): RequestTest {
  const tests: RequestTest[] = []
  if (condition.method !== undefined) {
    const wanted = condition.method.toUpperCase()
    tests.push(method => method === wanted)
  }
  if (condition.pathRegex !== undefined) {
    const matches = compilePathPattern(condition.pathRegex)
    tests.push((_, path) => matches(path))
  }
  if (condition.all !== undefined) {
    const all = condition.all.map(compileRequest)
    tests.push((method, path) => all.every(test => test(method, path)))
  }
  if (condition.any !== undefined) {
    const any = condition.any.map(compileRequest)
    tests.push((method, path) => any.some(test => test(method, path)))
  }
  if (condition.not !== undefined) {
    const inner = compileRequest(condition.not)
    tests.push((method, path) => !inner(method, path))
  }
  return (method, path) => tests.every(test => test(method, path))
}

function compileResponse(condition: ResponseCondition): StatusTest {
  const tests: StatusTest[] = []
  if (condition.status !== undefined) {
    const { min, max } = condition.status
    tests.push(status => status >= min && status <= max)
  }
  if (condition.all !== undefined) {
    const all = condition.all.map(compileResponse)
    tests.push(status => all.every(test => test(status)))
  }
  if (condition.any !== undefined) {
    const any = condition.any.map(compileResponse)
    tests.push(status => any.some(test => test(status)))
  }
  if (condition.not !== undefined) {
    const inner = compileResponse(condition.not)
    tests.push(status => !inner(status))
  }
  return status => tests.every(test => test(status))
}
