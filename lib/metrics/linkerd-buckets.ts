/** The finite bounds of linkerd2-proxy's `response_latency_ms` and `route_response_latency_ms`. */
export const linkerdLatencyBoundsMs: readonly number[] = [
  1, 2, 3, 4, 5, 10, 20, 30, 40, 50, 100, 200, 300, 400, 500, 1_000, 2_000, 3_000, 4_000, 5_000, 10_000,
  20_000, 30_000, 40_000, 50_000,
]
