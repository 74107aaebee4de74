import { isBlankOrComment, parseSeries, parseValue, type Series, textEnd } from './sample-line.ts'

export interface Sample {
  readonly series: Series
  /** NaN and the infinities included. */
  readonly value: number
  /** Where the value begins in the body; in front of it stands the series. */
  readonly valueStart: number
}

interface LineProblem {
  /** Counted from 1. */
  readonly line: number
  readonly message: string
}

export interface Exposition {
  readonly samples: readonly Sample[]
  /** Lines that could not be read, which were skipped; at most `maxProblems` of them. */
  readonly problems: readonly LineProblem[]
  readonly problemCount: number
}

/** A longer line is a problem of its own: linkerd2-proxy's stay below 2 KiB. */
export const maxLineBytes = 65_536
const maxProblems = 100

/**
 * Every sample of one body in Prometheus text 0.0.4, OpenMetrics, or the one followed by the other, as linkerd2-proxy
 * prints them. Comments, timestamps, exemplars, `# EOF` and carriage returns are passed over; a line that cannot be
 * read is reported and skipped.
 */
export function readExposition(body: Uint8Array): Exposition {
  const samples: Sample[] = []
  const problems: LineProblem[] = []
  let problemCount = 0
  let line = 0
  for (let start = 0; start < body.length; ) {
    line++
    const newlineAt = body.indexOf(0x0a, start)
    const lineEnd = newlineAt < 0 ? body.length : newlineAt
    const read = readLine(body, start, lineEnd)
    if (typeof read === 'object') samples.push(read)
    else if (read !== undefined && ++problemCount <= maxProblems) problems.push({ line, message: read })
    start = lineEnd + 1
  }
  return { samples, problems, problemCount }
}

/** The sample of one line; `undefined` for an empty line or a comment; a string that says what is wrong with it. */
export function readLine(body: Uint8Array, start: number, lineEnd: number): Sample | string | undefined {
  const end = textEnd(body, start, lineEnd)
  if (isBlankOrComment(body, start, Math.min(end, start + maxLineBytes))) return undefined
  if (end - start > maxLineBytes) return `expected at most ${maxLineBytes} bytes, got ${end - start}`
  const parsed = parseSeries(body, start, end)
  if (typeof parsed === 'string') return parsed
  const value = parseValue(body, parsed.valueStart, end)
  if (value === undefined) return `expected a number as the value of ${parsed.series.name}`
  return { series: parsed.series, value, valueStart: parsed.valueStart }
}
