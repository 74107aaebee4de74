import { Histogram, type Registry } from 'prom-client'

/** Told how long each question took. */
export type Asked = (seconds: number, result: 'answered' | 'failed') => void

/** Reports what is asked of Prometheus with the server's own metrics. */
export function askingMetrics(registry: Registry): Asked {
  const asked = new Histogram({
    name: 'meshscope_prometheus_seconds',
    help: 'How long Prometheus took to answer, with the wait for its turn',
    labelNames: ['result'] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  return (seconds, result) => asked.observe({ result }, seconds)
}
