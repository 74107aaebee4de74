import { decodeUtf8 } from './utf8.ts'

/** A metric's name and labels, in the order in which they were printed. */
export interface Series {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
}

/** A series, and where the value after it begins. */
export interface SampleLine {
  readonly series: Series
  readonly valueStart: number
}

const newline = 0x0a
const carriageReturn = 0x0d
const space = 0x20
const tab = 0x09
const quote = 0x22
const hash = 0x23
const comma = 0x2c
const equals = 0x3d
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d

/** Whether nothing but spaces or a comment stands between `start` and `end`. */
export function isBlankOrComment(bytes: Uint8Array, start: number, end: number): boolean {
  const at = skipBlanks(bytes, start, end)
  return at >= end || bytes[at] === hash
}

/** Where the line's text ends: before its newline, and before a carriage return in front of that. */
export function textEnd(bytes: Uint8Array, start: number, lineEnd: number): number {
  return lineEnd > start && bytes[lineEnd - 1] === carriageReturn ? lineEnd - 1 : lineEnd
}

/**
 * Reads `name{label="value",…}` of one line, without its value; a string that says what is wrong when it is not one.
 * Both text formats are understood: the brace may be missing, and a comma may end the labels.
 */
export function parseSeries(bytes: Uint8Array, start: number, end: number): SampleLine | string {
  const nameStart = skipBlanks(bytes, start, end)
  let at = nameEnd(bytes, nameStart, end)
  if (at === nameStart) return `expected a metric name, got ${describe(bytes, at, end)}`
  const name = decodeUtf8(bytes, nameStart, at)
  const labels = new Map<string, string>()
  at = skipBlanks(bytes, at, end)
  let seriesEnd = at
  if (bytes[at] === openBrace && at < end) {
    const closed = parseLabels(bytes, at + 1, end, labels)
    if (typeof closed === 'string') return closed
    seriesEnd = closed
  }
  const valueStart = skipBlanks(bytes, seriesEnd, end)
  if (valueStart >= end) return `expected a value after ${name}, got nothing`
  return { series: { name, labels }, valueStart }
}

/** The value that begins at `start`: NaN where `NaN` stands; `undefined` where no number does. What follows it is not read. */
export function parseValue(bytes: Uint8Array, start: number, end: number): number | undefined {
  let at = start
  let integer = 0
  for (
    let byte = bytes[at];
    at < end && byte !== undefined && byte >= 0x30 && byte <= 0x39;
    byte = bytes[++at]
  ) {
    integer = integer * 10 + (byte - 0x30)
  }
  const isWhole = at === end || isBlank(bytes[at])
  // Fifteen digits are always exact; more are left to the full reading below.
  if (isWhole && at > start && at - start <= 15) return integer
  while (at < end && !isBlank(bytes[at])) at++
  return numberOf(decodeUtf8(bytes, start, at))
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/
const specials: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
}

/** The number of a printed value or `le`; `undefined` for anything else. */
export function numberOf(text: string): number | undefined {
  if (decimal.test(text)) return Number(text)
  const special = text.toLowerCase()
  return Object.hasOwn(specials, special) ? specials[special] : undefined
}

function parseLabels(
  bytes: Uint8Array,
  start: number,
  end: number,
  into: Map<string, string>,
): number | string {
  let at = skipBlanks(bytes, start, end)
  while (at < end && bytes[at] !== closeBrace) {
    const labelStart = at
    at = nameEnd(bytes, at, end)
    if (at === labelStart) return `expected a label name or "}", got ${describe(bytes, at, end)}`
    const label = decodeUtf8(bytes, labelStart, at)
    at = skipBlanks(bytes, at, end)
    if (bytes[at] !== equals || at >= end)
      return `expected "=" after label ${label}, got ${describe(bytes, at, end)}`
    at = skipBlanks(bytes, at + 1, end)
    if (bytes[at] !== quote || at >= end)
      return `expected a quoted value of label ${label}, got ${describe(bytes, at, end)}`
    const close = closingQuote(bytes, at + 1, end)
    if (close < 0) return `expected a closing quote of label ${label}, got the end of the line`
    if (into.has(label)) return `expected each label once, got ${label} twice`
    into.set(label, unescapeValue(decodeUtf8(bytes, at + 1, close)))
    at = skipBlanks(bytes, close + 1, end)
    if (bytes[at] === comma && at < end) at = skipBlanks(bytes, at + 1, end)
    else if (bytes[at] !== closeBrace)
      return `expected "," or "}" after label ${label}, got ${describe(bytes, at, end)}`
  }
  return at < end ? at + 1 : 'expected "}" after the labels, got the end of the line'
}

function closingQuote(bytes: Uint8Array, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    if (bytes[at] === backslash) at++
    else if (bytes[at] === quote) return at
  }
  return -1
}

function unescapeValue(text: string): string {
  if (!text.includes('\\')) return text
  return text.replaceAll(/\\(.)/gs, (whole, char: string) => {
    if (char === 'n') return '\n'
    return char === '"' || char === '\\' ? char : whole
  })
}

function nameEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && isNameByte(bytes[at]!, at > start)) at++
  return at
}

function isNameByte(byte: number, isDigitAllowed: boolean): boolean {
  const isLetter = (byte >= 0x61 && byte <= 0x7a) || (byte >= 0x41 && byte <= 0x5a)
  if (isLetter || byte === 0x5f || byte === 0x3a) return true
  return isDigitAllowed && byte >= 0x30 && byte <= 0x39
}

function isBlank(byte: number | undefined): boolean {
  return byte === space || byte === tab || byte === carriageReturn || byte === newline
}

function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && (bytes[at] === space || bytes[at] === tab)) at++
  return at
}

function describe(bytes: Uint8Array, at: number, end: number): string {
  if (at >= end) return 'the end of the line'
  return JSON.stringify(decodeUtf8(bytes, at, Math.min(end, at + 20)))
}
