import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { ErrorCode } from '#lib/api/error-codes.ts'

/** Why a request is not let in. */
interface Refusal {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string
}

/** Where a request says which host it means: `Host`, which may be printed twice, and a target that is a whole URL. */
export type HostNames = Pick<IncomingMessage, 'headers' | 'rawHeaders' | 'url'>

/** The checks that keep other sites' pages, in the browser of someone who may come in, from coming in with them. */
export interface Doors {
  /** A refusal when the host is none of ours, a page of another name that was pointed at this address, or not one alone. */
  checkHost(request: HostNames): Refusal | null
  /** A refusal when another site's page sent this. Programs, which send no `Origin`, are let in. */
  checkOrigin(headers: IncomingHttpHeaders): Refusal | null
}

export function createDoors(enforcedHost: RegExp): Doors {
  return {
    checkHost(request) {
      const hosts = hostsNamed(request)
      const [host = ''] = hosts
      const hint =
        'Open the address that the server printed, or start it with --enforced-host and a regular expression for this name'
      const refused = (what: string, expected: string): Refusal => ({
        code: 'HOST_REFUSED',
        message: `Refused Host ${what}: expected ${expected}`,
        hint,
      })
      if (hosts.length > 1) return refused(hosts.map(each => JSON.stringify(each)).join(' and '), 'one')
      if (enforcedHost.test(host)) return null
      return refused(JSON.stringify(host), `one that matches ${enforcedHost.source}`)
    },
    checkOrigin({ host = '', origin, 'sec-fetch-site': site }) {
      // No page can set this header: the browser itself tells that the page is of the origin that it asks.
      if (site === 'same-origin') return null
      const isForeignSite = site !== undefined && site !== 'none'
      if (!isForeignSite && (origin === undefined || hostOf(origin) === host)) return null
      return {
        code: 'ORIGIN_REFUSED',
        message: `Refused Origin ${JSON.stringify(origin ?? site)}: expected that of ${host}`,
        hint: 'Use this from the dashboard’s own pages, or from a program that sends no Origin. A proxy in front must pass on the Host it was asked for (nginx: proxy_set_header Host $http_host)',
      }
    },
  }
}

/** Whether a request of the socket may come in. */
export function isSocketAllowed(doors: Doors, request: HostNames): boolean {
  return !doors.checkHost(request) && !doors.checkOrigin(request.headers)
}

/** Each host that a request names; a whole URL with the same host names none besides. `headers` holds the first `Host` only. */
function hostsNamed({ headers, rawHeaders, url = '' }: HostNames): readonly string[] {
  const { host = '' } = headers
  const hosts = rawHeaders.filter((_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === 'host')
  if (hosts.length === 0) hosts.push(host)
  const target = url.startsWith('/') || url === '*' ? host : (hostOf(url) ?? url)
  return target === host ? hosts : [...hosts, target]
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host
  } catch {
    return null
  }
}
