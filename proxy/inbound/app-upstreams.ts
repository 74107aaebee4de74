import type { Config } from '#proxy/config.ts'
import { MAX_HEAD_BYTES } from '#proxy/http/limits.ts'
import type { Upstream } from '#proxy/http/service.ts'
import { createHttp1Upstream } from '#proxy/http1/http1-upstream.ts'
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
    const upstream = createHttp1Upstream({
      connect: this.connectTo(port),
      transport: this.transport,
      maxHeadBytes: MAX_HEAD_BYTES,
      maxIdle: this.config.maxIdlePerEndpoint,
      idleTimeoutMs: this.config.poolIdleTimeoutMs,
    })
    this.upstreams.set(port, upstream)
    return upstream
  }

  close(): void {
    for (const upstream of this.upstreams.values()) upstream.close()
    this.upstreams.clear()
  }
}
