import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { ErrorCode } from '#lib/api/error-codes.ts'

/** Why a request is not let in. */
interface Refusal {
  readonly code: ErrorCode
  readonly message: string
  readonly hint: string
}

/** The checks that keep other sites' pages, in the browser of someone who may come in, from coming in with them. */
export interface Doors {
  /** A refusal when `Host` is none of ours: a page of another name that was pointed at this address. */
  checkHost(headers: IncomingHttpHeaders): Refusal | null
  /** A refusal when another site's page sent this. Programs, which send no `Origin`, are let in. */
  checkOrigin(headers: IncomingHttpHeaders): Refusal | null
}

export function createDoors(enforcedHost: RegExp): Doors {
  return {
    checkHost({ host = '' }) {
      if (enforcedHost.test(host)) return null
      return {
        code: 'HOST_REFUSED',
        message: `Refused Host ${JSON.stringify(host)}: expected one that matches ${enforcedHost.source}`,
        hint: 'Open http://localhost:<port>, or start the server with --enforced-host',
      }
    },
    checkOrigin({ host = '', origin, 'sec-fetch-site': site }) {
      const isForeignSite = site !== undefined && site !== 'same-origin' && site !== 'none'
      if (!isForeignSite && (origin === undefined || hostOf(origin) === host)) return null
      return {
        code: 'ORIGIN_REFUSED',
        message: `Refused Origin ${JSON.stringify(origin ?? site)}: expected that of ${host}`,
        hint: 'Use this from the dashboard’s own pages, or from a program that sends no Origin',
      }
    },
  }
}

/** Whether a request of the socket may come in. */
export function isSocketAllowed(doors: Doors, request: Pick<IncomingMessage, 'headers'>): boolean {
  return !doors.checkHost(request.headers) && !doors.checkOrigin(request.headers)
}

function hostOf(origin: string): string | null {
  try {
    return new URL(origin).host
  } catch {
    return null
  }
}
