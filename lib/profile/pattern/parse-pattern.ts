import { anyButNewline, type CharSet, charSet, classEscapes, complement } from './char-set.ts'

/** What a pattern says. `max` of `null`: as often as one likes. */
export type Pattern =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'all'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'any'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'repeat'; readonly part: Pattern; readonly min: number; readonly max: number | null }
  /** Holds at the text's begin or end. */
  | { readonly kind: 'edge'; readonly at: 'begin' | 'end' }

const MAX_DEPTH = 50
const MAX_REPEAT = 1000

const controls: ReadonlyMap<string, string> = new Map([
  ['t', '\t'],
  ['n', '\n'],
  ['r', '\r'],
  ['f', '\f'],
  ['v', '\v'],
  ['a', '\x07'],
])

/**
 * Reads a pattern of Rust's regex dialect. Throws a RangeError that names the part it cannot read, or that this proxy
 * does not support: inline flags, Unicode and POSIX classes, sets within sets, word boundaries. Lazy repeats are read as
 * plain ones, for whether a text matches as a whole is the same.
 */
export function parsePattern(source: string): Pattern {
  return new Parser(source).parse()
}

class Parser {
  private at = 0
  private depth = 0

  constructor(private readonly source: string) {}

  parse(): Pattern {
    const pattern = this.alternatives()
    if (this.at < this.source.length) throw this.fault(')', 'closes no group')
    return pattern
  }

  private alternatives(): Pattern {
    const parts = [this.sequence()]
    while (this.takes('|')) parts.push(this.sequence())
    if (parts.length === 1 && parts[0] !== undefined) return parts[0]
    const sets = parts.flatMap(part => (part.kind === 'set' ? part.set : []))
    return parts.every(({ kind }) => kind === 'set')
      ? { kind: 'set', set: charSet(...sets) }
      : { kind: 'any', parts }
  }

  private sequence(): Pattern {
    const parts: Pattern[] = []
    while (this.at < this.source.length && !this.sees('|') && !this.sees(')')) parts.push(this.repeated())
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'all', parts }
  }

  private repeated(): Pattern {
    let part = this.atom()
    for (;;) {
      const bounds = this.bounds()
      if (bounds === null) return part
      this.takes('?')
      part = { kind: 'repeat', part, ...bounds }
    }
  }

  private bounds(): { min: number; max: number | null } | null {
    if (this.takes('*')) return { min: 0, max: null }
    if (this.takes('+')) return { min: 1, max: null }
    if (this.takes('?')) return { min: 0, max: 1 }
    if (!this.sees('{')) return null
    const start = this.at
    const text = this.match(/\{(\d{1,5})(,(\d{1,5})?)?\}/y)
    if (text === null) throw this.fault('{', 'begins no repeat')
    const [whole, least, range, most] = text
    const min = Number(least)
    const max = range === undefined ? min : most === undefined ? null : Number(most)
    if (max !== null && max < min) throw this.fault(whole, 'ends before it begins', start)
    if (Math.max(min, max ?? 0) > MAX_REPEAT) {
      throw this.fault(whole, `repeats more than ${MAX_REPEAT} times`, start)
    }
    return { min, max }
  }

  private atom(): Pattern {
    const next = this.source[this.at] ?? ''
    switch (next) {
      case '(':
        return this.group()
      case '[':
        return { kind: 'set', set: this.bracket() }
      case '\\':
        return this.escaped()
      case '*':
      case '+':
      case '?':
      case '{':
        throw this.fault(next, 'has nothing to repeat')
      case '.':
        this.at++
        return { kind: 'set', set: anyButNewline }
      case '^':
      case '$':
        this.at++
        return { kind: 'edge', at: next === '^' ? 'begin' : 'end' }
      default:
        this.at++
        return literal(next)
    }
  }

  private group(): Pattern {
    const start = this.at
    const opening = this.match(/\((?:\?:|\?P?<[A-Za-z_]\w*>)?/y)?.[0] ?? '('
    if (this.sees('?')) throw this.fault(`${opening}?`, 'is not supported', start)
    if (++this.depth > MAX_DEPTH) throw this.fault(opening, `is more than ${MAX_DEPTH} groups deep`, start)
    const inner = this.alternatives()
    if (!this.takes(')')) throw this.fault(opening, 'is not closed', start)
    this.depth--
    return inner
  }

  private escaped(): Pattern {
    if (this.match(/\\A/y) !== null) return { kind: 'edge', at: 'begin' }
    if (this.match(/\\z/y) !== null) return { kind: 'edge', at: 'end' }
    const meant = this.escape()
    return typeof meant === 'string' ? literal(meant) : { kind: 'set', set: meant }
  }

  /** The character that an escape stands for, or the set of them. */
  private escape(): string | CharSet {
    const hex = this.match(/\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|[xu]\{([\da-fA-F]{1,4})\})/y)
    if (hex !== null) return String.fromCharCode(Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? '0', 16))
    const name = this.source[this.at + 1] ?? ''
    const found = classEscapes.get(name) ?? controls.get(name) ?? (/[^\w\s]/.test(name) ? name : undefined)
    if (found === undefined) throw this.fault(`\\${name}`, 'is not supported')
    this.at += 2
    return found
  }

  private bracket(): CharSet {
    const start = this.at
    this.at++
    const isNegated = this.takes('^')
    const ranges: (readonly [number, number])[] = []
    let isFirst = true
    while (isFirst || !this.sees(']')) {
      if (this.at >= this.source.length) {
        throw this.fault('[', 'is not closed', start)
      }
      for (const part of ['[', '&&', '--', '~~']) {
        if (this.source.startsWith(part, this.at)) throw this.fault(part, 'is not supported in a class')
      }
      ranges.push(...this.range())
      isFirst = false
    }
    this.at++
    const set = charSet(...ranges)
    return isNegated ? complement(set) : set
  }

  private range(): CharSet {
    const first = this.member()
    if (!this.sees('-') || this.source[this.at + 1] === ']' || this.source[this.at + 1] === '-') {
      return typeof first === 'string' ? [[first.charCodeAt(0), first.charCodeAt(0)]] : first
    }
    const dash = this.at
    this.at++
    const last = this.member()
    if (typeof first !== 'string' || typeof last !== 'string' || last < first) {
      throw this.fault('-', 'is between what makes no range', dash)
    }
    return [[first.charCodeAt(0), last.charCodeAt(0)]]
  }

  private member(): string | CharSet {
    if (this.sees('\\')) return this.escape()
    const char = this.source[this.at] ?? ''
    this.at++
    return char
  }

  private sees(text: string): boolean {
    return this.source.startsWith(text, this.at)
  }

  private takes(text: string): boolean {
    if (!this.sees(text)) return false
    this.at += text.length
    return true
  }

  private match(sticky: RegExp): RegExpExecArray | null {
    sticky.lastIndex = this.at
    const found = sticky.exec(this.source)
    if (found !== null) this.at += found[0].length
    return found
  }

  private fault(part: string, what: string, at = this.at): RangeError {
    return new RangeError(`"${part}" at ${at} ${what}`)
  }
}

function literal(char: string): Pattern {
  const code = char.charCodeAt(0)
  return { kind: 'set', set: [[code, code]] }
}
