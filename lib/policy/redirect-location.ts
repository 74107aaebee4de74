import type { HttpRouteMatch } from '#lib/resources/policy-objects.ts'
import type { RouteFilter } from './policy-route.ts'

type Redirect = Extract<RouteFilter, { readonly kind: 'redirect' }>

/**
 * Where a redirect sends a request; `null` when that is where it went. `authority` is what the client asked, with its
 * port; the query stays. A prefix is replaced only where a match by prefix found the route.
 */
export function redirectLocation(
  redirect: Redirect,
  match: HttpRouteMatch | null,
  { authority, path, query }: { readonly authority: string; readonly path: string; readonly query: string },
): string | null {
  const [host, port] = splitPort(authority)
  const wantedPort = redirect.port ?? (redirect.scheme === null ? port : null)
  const search = query === '' ? '' : `?${query}`
  const place = (scheme: string, to: string, at: number | null | undefined, on: string): string =>
    `${scheme}://${to}${at === null || at === undefined || at === PORTS[scheme] ? '' : `:${at}`}${on}${search}`
  const target = place(
    redirect.scheme ?? 'http',
    redirect.hostname ?? host,
    wantedPort,
    newPath(redirect, match, path),
  )
  return target === place('http', host, port, path) ? null : target
}

const PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 }

function newPath({ path: wanted }: Redirect, match: HttpRouteMatch | null, path: string): string {
  if (wanted === null) return path
  if (wanted.replace === 'full') return wanted.value
  if (match !== null && match.path.type !== 'PathPrefix') return path
  const prefix = (match?.path.value ?? '/').replace(/\/$/, '')
  const rest = path.slice(prefix.length)
  const joined = `${wanted.value.replace(/\/$/, '')}${rest}`
  return joined === '' ? '/' : joined
}

function splitPort(authority: string): [host: string, port: number | null] {
  const [, host = authority, port] = /^(.*?)(?::(\d+))?$/.exec(authority) ?? []
  return [host, port === undefined ? null : Number(port)]
}
