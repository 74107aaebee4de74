/** How a family's samples are read. */
export type FamilyKind = 'counter' | 'gauge' | 'histogram'

/** One label as `name="value"`, escaped for both text formats. */
function labelText(name: string, value: string): string {
  return `${name}="${escapeLabelValue(value)}"`
}

/** Labels in the given order, as they stand between the braces. */
export function labelsText(labels: readonly (readonly [name: string, value: string])[]): string {
  return labels.map(([name, value]) => labelText(name, value)).join(',')
}

const SPECIAL = /[\\"\n]/g

function escapeLabelValue(value: string): string {
  return value.replaceAll(SPECIAL, char => (char === '\n' ? '\\n' : `\\${char}`))
}

function escapeHelp(help: string): string {
  return help.replaceAll(/[\\\n]/g, char => (char === '\n' ? '\\n' : '\\\\'))
}

/** A sample's value: integers plain, infinities as `+Inf` and `-Inf`. */
export function valueText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  if (value === Number.NEGATIVE_INFINITY) return '-Inf'
  return String(value)
}

/**
 * Writes an exposition as linkerd2-proxy prints one: families in the Prometheus text format 0.0.4 first, families in
 * OpenMetrics after them, `# EOF` last. Labels are passed as text, made once by `labelsText`.
 */
export class ExpositionWriter {
  #text = ''

  /** Begins a family of the Prometheus part; a counter's `name` has its `_total`. */
  family(name: string, kind: FamilyKind, help: string): void {
    this.#text += `# HELP ${name} ${escapeHelp(help)}\n# TYPE ${name} ${kind}\n`
  }

  /** Begins a family of the OpenMetrics part; a counter's `name` is without `_total`. */
  openMetricsFamily(name: string, kind: FamilyKind, help: string, unit = ''): void {
    this.#text += `# HELP ${name} ${escapeHelp(help)}.\n# TYPE ${name} ${kind}\n`
    if (unit !== '') this.#text += `# UNIT ${name} ${unit}\n`
  }

  sample(name: string, labels: string, value: number): void {
    this.#text += labels === '' ? `${name} ${valueText(value)}\n` : `${name}{${labels}} ${valueText(value)}\n`
  }

  /**
   * A histogram's samples: cumulative buckets with `le` last, then count and sum. `counts[i]` holds what fell
   * between `bounds[i - 1]` and `bounds[i]`; one more count than bounds.
   */
  histogram(
    name: string,
    labels: string,
    bounds: readonly number[],
    counts: ArrayLike<number>,
    sum: number,
  ): void {
    const prefix = labels === '' ? `${name}_bucket{le="` : `${name}_bucket{${labels},le="`
    let cumulative = 0
    for (let i = 0; i <= bounds.length; i++) {
      cumulative += counts[i] ?? 0
      this.#text += `${prefix}${valueText(bounds[i] ?? Number.POSITIVE_INFINITY)}"} ${cumulative}\n`
    }
    this.sample(`${name}_count`, labels, cumulative)
    this.sample(`${name}_sum`, labels, sum)
  }

  /** Ends the OpenMetrics part, and with it the exposition. */
  end(): void {
    this.#text += '# EOF\n'
  }

  text(): string {
    return this.#text
  }
}
