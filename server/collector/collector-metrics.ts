import { Counter, Gauge, Histogram, type Registry } from 'prom-client'
import type { TargetState } from '#server/store/targets.ts'
import type { SeriesBudget } from './series-budget.ts'
import type { ScrapeOutcome } from './target.ts'

/** The collector's own metrics, registered with the server's. */
export interface CollectorMetrics {
  count(outcome: ScrapeOutcome): void
}

/** Registers them; `targets` is asked when they are read. */
export function collectorMetrics(
  registry: Registry,
  targets: () => readonly TargetState[],
  budget: SeriesBudget,
): CollectorMetrics {
  const registers = [registry]
  const seconds = new Histogram({
    name: 'meshscope_scrape_duration_seconds',
    help: 'Time that a good scrape took, from its request until its numbers were counted',
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers,
  })
  const samples = new Counter({
    name: 'meshscope_scrape_samples_total',
    help: 'Samples that good scrapes held',
    registers,
  })
  const badSamples = new Counter({
    name: 'meshscope_scrape_bad_samples_total',
    help: 'Lines that could not be read, and values that no counter can have',
    registers,
  })
  const failures = new Counter({
    name: 'meshscope_scrape_failures_total',
    help: 'Scrapes that gave nothing, by reason',
    labelNames: ['code'] as const,
    registers,
  })
  new Gauge({
    name: 'meshscope_scrape_targets',
    help: 'Proxies to scrape, by state',
    labelNames: ['state'] as const,
    registers,
    collect() {
      for (const state of ['pending', 'up', 'down'] as const) {
        this.set({ state }, targets().filter(target => target.state === state).length)
      }
    },
  })
  new Gauge({
    name: 'meshscope_scrape_series',
    help: 'Series of all proxies, as their newest good scrapes had them',
    registers,
    collect() {
      this.set(budget.used)
    },
  })
  new Gauge({
    name: 'meshscope_scrape_max_series',
    help: 'How many series proxies may have, one and all together',
    labelNames: ['of'] as const,
    registers,
    collect() {
      this.set({ of: 'proxy' }, budget.perTarget)
      this.set({ of: 'all' }, budget.total)
    },
  })
  return {
    count(outcome) {
      if (outcome.kind === 'failed') {
        failures.inc({ code: outcome.error.code })
        return
      }
      seconds.observe(outcome.scrapeMs / 1_000)
      samples.inc(outcome.samples)
      badSamples.inc(outcome.badSamples)
    },
  }
}
