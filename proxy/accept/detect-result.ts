import type { DetectResult } from '#proxy/telemetry/telemetry.ts'
import type { HttpVersion } from './detect-http.ts'
import type { FirstBytes } from './first-bytes.ts'

const RESULTS: Readonly<Record<HttpVersion, DetectResult>> = {
  http1: 'http/1',
  http2: 'http/2',
  'not-http': 'not_http',
}

/** What the detection of HTTP counts as. */
export function detectResult(result: FirstBytes<HttpVersion>): DetectResult {
  switch (result.kind) {
    case 'decided':
      return RESULTS[result.value]
    case 'timeout':
      return 'read_timeout'
    case 'closed':
      return result.bytes.length > 0 && result.errno === '' ? 'not_http' : 'error'
  }
}
