import type { Config } from './config.ts'
import type { Environment } from './environment.ts'
import { HTTP2_DEFAULTS, type Http2Settings } from './http2/session-options.ts'

const LINKERD = 'LINKERD2_PROXY_'

/** The HTTP/2 settings in these variables: of each side's own, else those of all, else the defaults. */
export function readHttp2Settings(env: Environment): Config['http2'] {
  const { connectionWindowBytes, keepAlive, maxStreams, streamWindowBytes } = HTTP2_DEFAULTS
  const positive = (name: string, fallback: number): number => env.positive(LINKERD + name, fallback)
  const time = (name: string, fallbackMs: number): number => {
    const ms = env.durationMs(LINKERD + name, fallbackMs)
    if (ms === 0) env.problems.push(`${LINKERD}${name}: expected a duration above 0, got 0`)
    return ms
  }
  const all = {
    stream: positive('HTTP2_INITIAL_STREAM_WINDOW_SIZE', streamWindowBytes),
    connection: positive('HTTP2_INITIAL_CONNECTION_WINDOW_SIZE', connectionWindowBytes),
  }
  const read = (side: string): Http2Settings => ({
    streamWindowBytes: positive(`${side}_HTTP2_INITIAL_STREAM_WINDOW_SIZE`, all.stream),
    connectionWindowBytes: positive(`${side}_HTTP2_INITIAL_CONNECTION_WINDOW_SIZE`, all.connection),
    maxStreams: positive(`${side}_HTTP2_MAX_CONCURRENT_STREAMS`, maxStreams),
    keepAlive: {
      intervalMs: time(`${side}_HTTP2_KEEP_ALIVE_INTERVAL`, keepAlive.intervalMs),
      timeoutMs: time(`${side}_HTTP2_KEEP_ALIVE_TIMEOUT`, keepAlive.timeoutMs),
    },
  })
  return {
    inboundServer: read('INBOUND_SERVER'),
    inboundClient: read('INBOUND_CONNECT'),
    outboundServer: read('OUTBOUND_SERVER'),
    outboundClient: read('OUTBOUND_CONNECT'),
  }
}
