import { anyButNewline, anyCharacter, type CharSet, charSet } from './char-set.ts'
import { foldCase } from './fold-case.ts'
import type { Look } from './look.ts'
import { PatternReader } from './pattern-reader.ts'
import { readBracket } from './read-bracket.ts'
import { readEscape } from './read-escape.ts'

/** What a pattern says. `max` of `null`: as often as one likes. */
export type Pattern =
  | { readonly kind: 'set'; readonly set: CharSet }
  | { readonly kind: 'all'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'any'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'repeat'; readonly part: Pattern; readonly min: number; readonly max: number | null }
  | { readonly kind: 'look'; readonly at: Look }

const MAX_DEPTH = 50
const MAX_REPEAT = 1000

const looks: ReadonlyMap<string, Look> = new Map([
  ['A', 'begin'],
  ['z', 'end'],
  ['b', 'word boundary'],
  ['B', 'no word boundary'],
  ['<', 'word start'],
  ['>', 'word end'],
  ['b{start}', 'word start'],
  ['b{end}', 'word end'],
  ['b{start-half}', 'no word before'],
  ['b{end-half}', 'no word after'],
])

/** What `(?i)` and its like turn on, and off, for the rest of their group. */
interface Flags {
  readonly ignoresCase: boolean
  readonly dotTakesAll: boolean
}

/**
 * Reads a pattern of Rust's regex dialect. Throws a RangeError that names the part it cannot read, or that this proxy
 * does not support: lookaround, backreferences, Unicode classes, and the flags `m`, `x` and `R`. Classes like `\\w` and
 * word boundaries are those of ASCII. Lazy repeats are read as plain ones, for whether a text matches as a whole is the
 * same.
 */
export function parsePattern(source: string): Pattern {
  return new Parser(source).parse()
}

class Parser {
  private readonly reader: PatternReader
  private depth = 0
  private flags: Flags = { ignoresCase: false, dotTakesAll: false }

  constructor(source: string) {
    this.reader = new PatternReader(source)
  }

  parse(): Pattern {
    const pattern = this.alternatives()
    if (!this.reader.isOver) throw this.reader.fault(')', 'closes no group')
    return pattern
  }

  private alternatives(): Pattern {
    const parts = [this.sequence()]
    while (this.reader.takes('|')) parts.push(this.sequence())
    if (parts.length === 1 && parts[0] !== undefined) return parts[0]
    const sets = parts.flatMap(part => (part.kind === 'set' ? part.set : []))
    return parts.every(({ kind }) => kind === 'set')
      ? { kind: 'set', set: charSet(...sets) }
      : { kind: 'any', parts }
  }

  private sequence(): Pattern {
    const { reader } = this
    const parts: Pattern[] = []
    while (!reader.isOver && !reader.sees('|') && !reader.sees(')')) {
      if (!this.takesFlags()) parts.push(this.repeated())
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : { kind: 'all', parts }
  }

  private repeated(): Pattern {
    let part = this.atom()
    for (;;) {
      const bounds = this.bounds()
      if (bounds === null) return part
      this.reader.takes('?')
      part = { kind: 'repeat', part, ...bounds }
    }
  }

  private bounds(): { min: number; max: number | null } | null {
    const { reader } = this
    if (reader.takes('*')) return { min: 0, max: null }
    if (reader.takes('+')) return { min: 1, max: null }
    if (reader.takes('?')) return { min: 0, max: 1 }
    if (!reader.sees('{')) return null
    const start = reader.at
    const text = reader.match(/\{(\d{1,5})(,(\d{1,5})?)?\}/y)
    if (text === null) throw reader.fault('{', 'begins no repeat')
    const [whole, least, range, most] = text
    const min = Number(least)
    const max = range === undefined ? min : most === undefined ? null : Number(most)
    if (max !== null && max < min) throw reader.fault(whole, 'ends before it begins', start)
    if (Math.max(min, max ?? 0) > MAX_REPEAT) {
      throw reader.fault(whole, `repeats more than ${MAX_REPEAT} times`, start)
    }
    return { min, max }
  }

  private atom(): Pattern {
    const { reader } = this
    const next = reader.char()
    switch (next) {
      case '(':
        return this.group()
      case '[':
        return { kind: 'set', set: readBracket(reader, set => this.cased(set)) }
      case '\\':
        return this.escaped()
      case '*':
      case '+':
      case '?':
      case '{':
        throw reader.fault(next, 'has nothing to repeat')
      case '.':
        reader.skip(next)
        return { kind: 'set', set: this.flags.dotTakesAll ? anyCharacter : anyButNewline }
      case '^':
      case '$':
        reader.skip(next)
        return { kind: 'look', at: next === '^' ? 'begin' : 'end' }
      default:
        reader.skip(next)
        return this.literal(next)
    }
  }

  private group(): Pattern {
    const { flags, reader } = this
    const start = reader.at
    const opening = reader.match(/\((?:\?(?:[a-zA-Z]*-?[a-zA-Z]*):|\?P?<[A-Za-z_]\w*>)?/y)?.[0] ?? '('
    if (reader.sees('?')) throw reader.fault(`${opening}?`, 'is not supported', start)
    if (++this.depth > MAX_DEPTH) throw reader.fault(opening, `is more than ${MAX_DEPTH} groups deep`, start)
    const set = /^\(\?(.*):$/.exec(opening)?.[1] ?? ''
    if (set !== '') this.flags = this.changed(set, opening, start)
    const inner = this.alternatives()
    if (!reader.takes(')')) throw reader.fault(opening, 'is not closed', start)
    this.depth--
    this.flags = flags
    return inner
  }

  /** Flags that stand alone hold up to the end of their group. */
  private takesFlags(): boolean {
    const { reader } = this
    const start = reader.at
    const found = reader.match(/\(\?([a-zA-Z]*-?[a-zA-Z]*)\)/y)
    if (found === null) return false
    this.flags = this.changed(found[1] ?? '', found[0], start)
    return true
  }

  private changed(letters: string, part: string, at: number): Flags {
    const { reader } = this
    let { dotTakesAll, ignoresCase } = this.flags
    const [on = '', off = ''] = letters.split('-')
    if (on + off === '') throw reader.fault(part, 'is not supported', at)
    for (const [flags, isOn] of [
      [on, true],
      [off, false],
    ] as const) {
      for (const flag of flags) {
        if (flag === 'i') ignoresCase = isOn
        else if (flag === 's') dotTakesAll = isOn
        // Greed makes no difference to a match as a whole, and Unicode is on unless it is turned off.
        else if (flag !== 'U' && !(flag === 'u' && isOn)) {
          throw reader.fault(part, `has the flag ${flag}, which is not supported`, at)
        }
      }
    }
    return { ignoresCase, dotTakesAll }
  }

  private escaped(): Pattern {
    const { reader } = this
    const look = reader.match(/\\(b\{(?:start|end)(?:-half)?\}|[AzbB<>])/y)
    if (look !== null) return { kind: 'look', at: looks.get(look[1] ?? '') ?? 'word boundary' }
    const meant = readEscape(reader)
    return typeof meant === 'string' ? this.literal(meant) : { kind: 'set', set: meant }
  }

  private literal(char: string): Pattern {
    const code = char.codePointAt(0) ?? 0
    return { kind: 'set', set: this.cased([[code, code]]) }
  }

  private cased(set: CharSet): CharSet {
    return this.flags.ignoresCase ? foldCase(set) : set
  }
}
