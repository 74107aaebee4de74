import type { Scraper } from './rig.ts'

const rounds = 40
const selector = '{direction="inbound"}'

/** The golden metrics of every deployment over a minute, as PromQL asks for them. */
const promQueries = [
  `sum by (deployment) (increase(response_total${selector}[1m]))`,
  `sum by (deployment) (rate(response_total{direction="inbound",classification="success"}[1m])) / sum by (deployment) (rate(response_total${selector}[1m]))`,
  ...[0.5, 0.95, 0.99].map(
    share =>
      `histogram_quantile(${share}, sum by (le, deployment) (rate(response_latency_ms_bucket${selector}[1m])))`,
  ),
]

/** How long the golden metrics of all deployments take, in ms, asked again and again with a pause that lets scrapes in. */
export function askOurs({ origin }: Scraper): Promise<number[]> {
  return timed(() => answered(`${origin}/api/v1/golden?resource=deploy&namespace=_all&window=1m`))
}

/** The same from Prometheus: five queries, one after the other. */
export function askPrometheus({ origin }: Scraper): Promise<number[]> {
  return timed(async () => {
    for (const query of promQueries)
      await answered(`${origin}/api/v1/query?query=${encodeURIComponent(query)}`)
  })
}

async function timed(ask: () => Promise<void>): Promise<number[]> {
  const tookMs: number[] = []
  for (let round = 0; round < rounds; round++) {
    // A little over the interval of the scrapes, so that no answer is the one before.
    await new Promise(resolve => setTimeout(resolve, 1_030))
    const startMs = performance.now()
    await ask()
    tookMs.push(performance.now() - startMs)
  }
  return tookMs
}

async function answered(url: string): Promise<void> {
  const response = await fetch(url)
  const body = await response.text()
  if (!response.ok) throw new Error(`Asking ${url} gave ${response.status}: ${body.slice(0, 300)}`)
}
