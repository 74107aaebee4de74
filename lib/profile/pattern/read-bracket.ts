import { type CharSet, charSet, complement, intersection, posixClasses } from './char-set.ts'
import type { PatternReader } from './pattern-reader.ts'
import { readEscape } from './read-escape.ts'

const MAX_DEPTH = 20

/** What two sets beside each other make, from the left on; what stands between two of these signs binds closer. */
const operators: ReadonlyMap<string, (a: CharSet, b: CharSet) => CharSet> = new Map([
  ['&&', intersection],
  ['--', difference],
  ['~~', (a, b) => charSet(...difference(a, b), ...difference(b, a))],
])

/** The set that a bracket stands for; `cased` adds to what it names. */
export function readBracket(reader: PatternReader, cased: (set: CharSet) => CharSet, depth = 1): CharSet {
  const start = reader.at
  if (depth > MAX_DEPTH) throw reader.fault('[', `is more than ${MAX_DEPTH} classes deep`)
  reader.skip('[')
  const isNegated = reader.takes('^')
  let combine: ((set: CharSet) => CharSet) | null = null
  let members: CharSet[] = []
  const whole = (): CharSet => {
    const set = charSet(...members.flat())
    return combine === null ? set : combine(set)
  }
  let isFirst = true
  while (isFirst || !reader.sees(']')) {
    if (reader.isOver) throw reader.fault('[', 'is not closed', start)
    const sign = isFirst ? undefined : [...operators.keys()].find(each => reader.sees(each))
    const operator = sign === undefined ? undefined : operators.get(sign)
    if (sign !== undefined && operator !== undefined) {
      const before = whole()
      combine = set => operator(before, set)
      members = []
      reader.skip(sign)
    } else members.push(readMember(reader, cased, depth))
    isFirst = false
  }
  reader.skip(']')
  const set = whole()
  return isNegated ? complement(set) : set
}

function readMember(reader: PatternReader, cased: (set: CharSet) => CharSet, depth: number): CharSet {
  const posix = reader.match(/\[:(\^?)(\w+):\]/y)
  if (posix !== null) {
    const [part, negated, name = ''] = posix
    const found = posixClasses.get(name)
    if (found === undefined) throw reader.fault(part, 'is not supported', posix.index)
    return negated === '^' ? complement(found) : cased(found)
  }
  return reader.sees('[') ? readBracket(reader, cased, depth + 1) : readRange(reader, cased)
}

function readRange(reader: PatternReader, cased: (set: CharSet) => CharSet): CharSet {
  const first = readOne(reader)
  const next = reader.source[reader.at + 1]
  if (typeof first !== 'string') return first
  if (!reader.sees('-') || next === ']' || next === '-') return cased([[codeOf(first), codeOf(first)]])
  const dash = reader.at
  reader.skip('-')
  const last = readOne(reader)
  if (typeof last !== 'string' || codeOf(last) < codeOf(first)) {
    throw reader.fault('-', 'is between what makes no range', dash)
  }
  return cased([[codeOf(first), codeOf(last)]])
}

function readOne(reader: PatternReader): string | CharSet {
  if (reader.sees('\\')) return readEscape(reader)
  const char = reader.char()
  reader.skip(char)
  return char
}

function difference(a: CharSet, b: CharSet): CharSet {
  return intersection(a, complement(b))
}

function codeOf(char: string): number {
  return char.codePointAt(0) ?? 0
}
