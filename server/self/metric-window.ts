import type { Registry } from 'prom-client'
import { quantile } from '#lib/metrics/histogram.ts'

interface Value {
  readonly labels: Readonly<Record<string, string | number | undefined>>
  readonly value: number
}

/** Values by the name under which they are printed. */
type Values = ReadonlyMap<string, readonly Value[]>

/** What a metric's labels have to be. */
type Where = Readonly<Record<string, string>>

const kept = 6

/** The server's own metrics, and what they added since a while ago: as long as the six newest samples reach back. */
export class MetricWindow {
  readonly #registry: Registry
  readonly #names: readonly string[]
  readonly #samples: { readonly atMs: number; readonly values: Values }[] = []

  constructor(registry: Registry, names: readonly string[]) {
    this.#registry = registry
    this.#names = names
  }

  /** Keeps what the metrics are now, to compare later ones with. */
  async sample(atMs: number): Promise<void> {
    this.#samples.push({ atMs, values: await this.#read() })
    if (this.#samples.length > kept) this.#samples.shift()
  }

  async look(atMs: number): Promise<Look> {
    const [oldest] = this.#samples
    return new Look(await this.#read(), oldest?.values ?? new Map(), atMs - (oldest?.atMs ?? atMs))
  }

  async #read(): Promise<Values> {
    const values = new Map<string, Value[]>()
    for (const name of this.#names) {
      const metric = await this.#registry.getSingleMetric(name)?.get()
      for (const one of metric?.values ?? []) {
        const printed = 'metricName' in one && typeof one.metricName === 'string' ? one.metricName : name
        // A metric goes on counting in the objects that it gives.
        const { labels, value } = one
        const known = values.get(printed)
        if (known) known.push({ labels, value })
        else values.set(printed, [{ labels, value }])
      }
    }
    return values
  }
}

/** Metrics now, beside those of a while ago. */
export class Look {
  readonly #now: Values
  readonly #before: Values
  readonly #lengthMs: number

  constructor(now: Values, before: Values, lengthMs: number) {
    this.#now = now
    this.#before = before
    this.#lengthMs = lengthMs
  }

  /** What a gauge is; `null` when there is none. */
  level(name: string): number | null {
    return this.#now.has(name) ? sum(this.#now, name, {}) : null
  }

  /** What counters added. */
  increase(name: string, where: Where = {}): number {
    return sum(this.#now, name, where) - sum(this.#before, name, where)
  }

  /** The same by the second; `null` before any time has passed. */
  rate(name: string, where: Where = {}): number | null {
    return this.#lengthMs <= 0 ? null : (this.increase(name, where) * 1_000) / this.#lengthMs
  }

  /** A quantile of what a histogram counted; `null` when that is nothing. */
  quantile(name: string, q: number, where: Where = {}): number | null {
    const buckets = (this.#now.get(`${name}_bucket`) ?? []).flatMap(({ labels }) =>
      labels.le === undefined ? [] : [String(labels.le)],
    )
    const bounds = [...new Set(buckets)].sort((a, b) => boundOf(a) - boundOf(b))
    const counts: number[] = []
    let below = 0
    for (const le of bounds) {
      const upTo = this.increase(`${name}_bucket`, { ...where, le })
      counts.push(upTo - below)
      below = upTo
    }
    if (below === 0) return null
    return quantile({ boundsMs: bounds.map(boundOf).filter(Number.isFinite), counts }, q)
  }
}

function sum(values: Values, name: string, where: Where): number {
  const wanted = Object.entries(where)
  return (values.get(name) ?? [])
    .filter(({ labels }) => wanted.every(([label, value]) => String(labels[label]) === value))
    .reduce((total, { value }) => total + value, 0)
}

function boundOf(le: string): number {
  return le === '+Inf' ? Number.POSITIVE_INFINITY : Number(le)
}
