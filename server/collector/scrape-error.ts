import { NoExpositionError } from './line-reading.ts'
import { TooManySeriesError } from './too-many-series-error.ts'

/**
 * Why a scrape gave nothing.
 * - `SCRAPE_UNREACHABLE`: no connection. `SCRAPE_STALE_CONNECTION`: a kept one was closed, before anything came.
 * - `SCRAPE_TIMEOUT`: no whole answer in time. `SCRAPE_CUT_OFF`: it broke off, or lacks its last line.
 * - `SCRAPE_STATUS`, `SCRAPE_ENCODING`, `SCRAPE_TOO_LARGE`: an answer that cannot be an exposition.
 * - `SCRAPE_TOO_MANY_SERIES`: more series than the target may have. Nothing of it was kept.
 * - `SCRAPE_NO_EXPOSITION`: a text that is garbage. Nothing of it was kept.
 * - `SCRAPE_REFUSED`: the store could not take what it says. `SCRAPE_STOPPED`: the collector was closed.
 */
export type ScrapeCode =
  | 'SCRAPE_UNREACHABLE'
  | 'SCRAPE_STALE_CONNECTION'
  | 'SCRAPE_TIMEOUT'
  | 'SCRAPE_CUT_OFF'
  | 'SCRAPE_STATUS'
  | 'SCRAPE_ENCODING'
  | 'SCRAPE_TOO_LARGE'
  | 'SCRAPE_TOO_MANY_SERIES'
  | 'SCRAPE_NO_EXPOSITION'
  | 'SCRAPE_REFUSED'
  | 'SCRAPE_STOPPED'

export class ScrapeError extends Error {
  override readonly name = 'ScrapeError'
  readonly code: ScrapeCode

  constructor(code: ScrapeCode, url: string, reason: string, cause?: unknown) {
    super(`Cannot scrape ${url}: ${reason}`, { cause })
    this.code = code
  }

  /** Any failure of a scrape as one with a code. */
  static from(error: unknown, url: string): ScrapeError {
    if (error instanceof ScrapeError) return error
    const reason = error instanceof Error ? error.message : String(error)
    return new ScrapeError(codeOf(error), url, reason, error)
  }
}

function codeOf(error: unknown): ScrapeCode {
  if (error instanceof TooManySeriesError) return 'SCRAPE_TOO_MANY_SERIES'
  return error instanceof NoExpositionError ? 'SCRAPE_NO_EXPOSITION' : 'SCRAPE_REFUSED'
}
