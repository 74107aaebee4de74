import type { WorkloadRef } from '#lib/resources/resource-ref.ts'

/** One proxy that is scraped, and how that goes. */
export interface TargetState {
  readonly namespace: string
  readonly pod: string
  readonly workload: WorkloadRef
  readonly metricsUrl: string
  /** `pending` before the first answer; `down` when the newest scrape failed. */
  readonly state: 'pending' | 'up' | 'down'
  readonly lastScrapeAtMs: number | null
  /** When it stopped answering; `null` while it answers. */
  readonly downSinceMs: number | null
  /** From the newest scrape's request until its numbers were counted. */
  readonly scrapeMs: number | null
  readonly samples: number | null
  /** Why the newest scrape failed; of one that is `up`, what of its exposition could not be used. */
  readonly error: string | null
}

/** The proxies that are scraped; the collector is the one who knows. */
export interface Targets {
  list(): readonly TargetState[]
  /** Calls back after each round of scrapes. Returns the way to stop. */
  subscribe(listener: () => void): () => void
}
