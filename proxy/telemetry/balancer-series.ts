import { BucketCounts } from './bucket-counts.ts'
import { Series, type SeriesList } from './series-group.ts'
import type { BalancerMetrics, EndpointCounts } from './telemetry.ts'

/** Linkerd's buckets of `*_balancer_queue_latency_seconds`. */
const WAIT_BOUNDS_SECONDS = [0.0005, 0.005, 0.05, 0.5, 1, 3]
const NO_ENDPOINTS: EndpointCounts = { ready: 0, pending: 0 }

/** A balancer's endpoints and queue. It is printed once it was used, and stays while its destination is in use. */
export class BalancerSeries extends Series implements BalancerMetrics {
  readonly updates = { Reset: 0, Add: 0, Remove: 0 }
  queueLength = 0
  requests = 0
  readonly waitSeconds = new BucketCounts(WAIT_BOUNDS_SECONDS)
  readonly gate = { opens: 0, shuts: 0, openedAtSeconds: 0, shutAtSeconds: 0, timeoutSeconds: 0 }
  private read: (() => EndpointCounts) | null = null

  constructor(
    labels: string,
    list: SeriesList,
    private readonly nowMs: () => number,
  ) {
    super(labels, list)
  }

  get endpoints(): EndpointCounts {
    return this.read?.() ?? NO_ENDPOINTS
  }

  attach(endpoints: () => EndpointCounts, failfastTimeoutMs: number): () => void {
    this.read = endpoints
    this.gate.timeoutSeconds = failfastTimeoutMs / 1000
    if (this.gate.openedAtSeconds === 0) this.gateOpened()
    return () => {
      if (this.read === endpoints) this.read = null
    }
  }

  updated(change: 'Reset' | 'Add' | 'Remove'): void {
    this.updates[change]++
  }

  waits(): void {
    this.touch()
    this.queueLength++
  }

  waited(): void {
    this.queueLength--
  }

  requested(waitedMs: number): void {
    this.touch()
    this.requests++
    this.waitSeconds.observe(waitedMs / 1000)
  }

  gateOpened(): void {
    const { gate } = this
    gate.opens++
    gate.openedAtSeconds = this.nowMs() / 1000
    gate.shutAtSeconds = 0
  }

  gateShut(): void {
    const { gate } = this
    gate.shuts++
    gate.shutAtSeconds = this.nowMs() / 1000
    gate.openedAtSeconds = 0
  }

  protected override isHeld(): boolean {
    return this.read !== null
  }

  protected override reset(): void {
    Object.assign(this.updates, { Reset: 0, Add: 0, Remove: 0 })
    Object.assign(this.gate, { opens: 0, shuts: 0 })
    this.requests = 0
    this.waitSeconds.reset()
  }
}
