import type { Config } from '#proxy/config.ts'
import { HTTP2_IDLE_TIMEOUT_MS, MAX_HEAD_BYTES } from '#proxy/http/limits.ts'
import type { Upstream } from '#proxy/http/service.ts'
import { createHttp1Upstream } from '#proxy/http1/http1-upstream.ts'
import { createHttp2Upstream } from '#proxy/http2/http2-upstream.ts'
import { upstreamByVersion } from '#proxy/http2/upstream-by-version.ts'
import { type Connect, plainConnect } from '#proxy/tcp/connect.ts'
import type { TransportMetrics } from '#proxy/telemetry/telemetry.ts'

/** The ways to the app beside this proxy, one per port; as many as the config names. */
export class AppUpstreams {
  private readonly upstreams = new Map<number, Upstream>()

  constructor(
    private readonly config: Config,
    private readonly transport: TransportMetrics,
  ) {}

  connectTo(port: number): Connect {
    const { appHost, inboundConnectTimeoutMs } = this.config
    return plainConnect({ host: appHost, port, localAddress: null, timeoutMs: inboundConnectTimeoutMs })
  }

  forPort(port: number): Upstream {
    const known = this.upstreams.get(port)
    if (known !== undefined) return known
    const { transport } = this
    const connect = this.connectTo(port)
    const http1 = createHttp1Upstream({
      connect,
      transport,
      maxHeadBytes: MAX_HEAD_BYTES,
      maxIdle: this.config.maxIdlePerEndpoint,
      idleTimeoutMs: this.config.poolIdleTimeoutMs,
    })
    const makeHttp2 = () =>
      createHttp2Upstream({
        connect,
        transport,
        idleTimeoutMs: HTTP2_IDLE_TIMEOUT_MS,
        settings: this.config.http2.inboundClient,
      })
    const upstream = upstreamByVersion(http1, makeHttp2, false)
    this.upstreams.set(port, upstream)
    return upstream
  }

  close(): void {
    for (const upstream of this.upstreams.values()) upstream.close()
    this.upstreams.clear()
  }
}
