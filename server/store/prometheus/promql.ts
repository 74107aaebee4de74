import { dimensionLabels, statusLabels } from '#server/store/series-meaning.ts'
import type { Dimension, View } from '#server/store/store.ts'

/** How far back a counter's value before a range is looked for: what was silent for longer is counted from there anew. */
export const lookBackMs = 300_000
/** A process that began so shortly before its first sample is counted from its beginning. */
export const youngMs = 60_000
/** The same process tells the same start; some compute it from a clock and wobble by less than this. */
const sameStartSeconds = 0.1
const ofInstance = 'on (namespace, pod)'

/** A stretch that ends just before the time at which it is asked for, cut into pieces that are counted one by one. */
export interface Stretch {
  readonly lengthMs: number
  readonly pieceMs: number
  /** How much later than its end it is asked for, so that pieces end where Prometheus cuts. */
  readonly lateMs: number
}

/** The stretch of this length, in about `count` equal pieces of whole slots: up to four times as many, else fewer. */
export function cutStretch(lengthMs: number, endMs: number, slotMs: number, count: number): Stretch {
  const slots = Math.max(1, Math.round(lengthMs / slotMs))
  const wanted = Math.max(1, Math.min(count, slots))
  let pieces = wanted
  while (slots % pieces !== 0 && pieces < 4 * wanted) pieces++
  if (slots % pieces !== 0) pieces = wanted
  while (slots % pieces !== 0) pieces--
  const pieceMs = lengthMs / pieces
  return { lengthMs, pieceMs, lateMs: pieces === 1 ? 0 : -endMs + Math.ceil(endMs / pieceMs) * pieceMs }
}

/** Which series: of these proxies, and of theirs those with these labels. */
export class Selection {
  readonly #proxies: readonly string[]
  readonly #labels: readonly string[]

  /** Of matchers as `job="linkerd-proxy"`. */
  constructor(proxies: readonly string[], labels: readonly string[] = []) {
    this.#proxies = proxies
    this.#labels = labels
  }

  /** Fewer proxies. */
  and(...matchers: readonly string[]): Selection {
    return new Selection([...this.#proxies, ...matchers], this.#labels)
  }

  /** Fewer of the series of each. */
  with(...matchers: readonly string[]): Selection {
    return new Selection(this.#proxies, [...this.#labels, ...matchers])
  }

  of(family: string): string {
    return `${family}{${[...this.#proxies, ...this.#labels].join(',')}}`
  }

  /** When the process of each proxy began. */
  get processes(): string {
    return `process_start_time_seconds{${this.#proxies.join(',')}}`
  }
}

/** A label that has one of these values, or none of them. */
export function oneOf(label: string, values: readonly string[], not = false): string {
  const pattern = values.map(value => value.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`)).join('|')
  return `${label}${not ? '!~' : '=~'}${JSON.stringify(pattern)}`
}

/**
 * What counters of a family counted in a stretch, added up by labels. The value that a counter had at the end of a piece
 * less the one it had before it: both were counted, so the difference is a whole number. A counter that fell, or whose
 * process is another, counts from zero; so does one that was not there before, of a process that was. The first value
 * of a process that nobody knew is where counting begins, unless it is young.
 */
export function counted(
  series: Selection,
  family: string,
  labels: readonly string[],
  stretch: Stretch,
): string {
  const { pieceMs, lateMs } = stretch
  const [counter, start] = [series.of(family), series.processes]
  const last = (of: string) => `last_over_time(${of}[${pieceMs}ms] offset ${lateMs + 1}ms)`
  const before = (of: string) => `last_over_time(${of}[${lookBackMs}ms] offset ${lateMs + pieceMs + 1}ms)`
  const same = `(${last(start)} - ${before(start)}) < ${sameStartSeconds}`
  const youngSeconds = (lateMs + pieceMs + youngMs) / 1_000
  const known = `(${before(start)} or ${last(start)} > time() - ${youngSeconds})`
  const increase =
    `(((${last(counter)} - ${before(counter)}) >= 0) and ${ofInstance} (${same}))` +
    ` or (${last(counter)} and ${ofInstance} ${known})`
  return overPieces('sum', `sum by (${labels.join(',')}) (${increase})`, stretch)
}

/**
 * The values of a gauge at the end of a stretch, added up by labels, which must tell instances apart; of an instance that
 * is silent at the end, those of the last piece in which it was not.
 */
export function present(
  series: Selection,
  family: string,
  labels: readonly string[],
  stretch: Stretch,
): string {
  const ending = `offset ${stretch.lateMs + 1}ms`
  const now = `sum by (${labels.join(',')}) (${series.of(family)} ${ending})`
  if (stretch.pieceMs === stretch.lengthMs) return now
  return `${now} or (${overPieces('last', now, stretch)} unless ${ofInstance} ${series.processes} ${ending})`
}

/** When each instance was last read in a stretch, in Unix seconds; or before it, when that was not long ago. */
export function lastRead(series: Selection, stretch: Stretch): string {
  return overPieces('max', `timestamp(${series.processes} offset ${stretch.lateMs + 1}ms)`, stretch)
}

/** When the process began that each instance's newest sample of a stretch is of, in Unix seconds. */
export function lastStart(series: Selection, stretch: Stretch): string {
  return overPieces('max', `${series.processes} offset ${stretch.lateMs + 1}ms`, stretch)
}

function overPieces(how: 'sum' | 'max' | 'last', expression: string, { lengthMs, pieceMs }: Stretch): string {
  if (pieceMs === lengthMs) return expression
  // A millisecond less, so that the piece before the stretch is not in it.
  return `${how}_over_time((${expression})[${lengthMs - 1}ms:${pieceMs}ms])`
}

const owners = dimensionLabels.kind
const whose = [...new Set(['namespace', 'pod', ...owners, 'direction', 'peer'])]

/** The labels by which numbers must be told apart to say these dimensions of them. */
export function labelsFor(
  view: View,
  dimensions: Iterable<Dimension>,
  { isClassified, withStatuses }: { readonly isClassified: boolean; readonly withStatuses: boolean },
): readonly string[] {
  const labels = new Set(whose)
  for (const dimension of dimensions) for (const label of dimensionLabels[dimension]) labels.add(label)
  // Requests to a proxy's own port are not traffic, and a refusal that names nobody may be told better elsewhere.
  if (view !== 'outbound' && view !== 'route') for (const label of dimensionLabels.port) labels.add(label)
  if (view === 'denied' || view === 'limited') for (const label of dimensionLabels.peerId) labels.add(label)
  if (isClassified) labels.add('classification')
  if (isClassified && withStatuses) for (const label of statusLabels) labels.add(label)
  return [...labels]
}

/** When the oldest sample of a process was read, in Unix seconds, looked for every `stepMs`. */
export function oldestRead(series: Selection, lengthMs: number, stepMs: number): string {
  return `min(min_over_time(timestamp(${series.processes})[${lengthMs}ms:${stepMs}ms]))`
}
