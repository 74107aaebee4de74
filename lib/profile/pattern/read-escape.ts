import { type CharSet, classEscapes, MAX_CODE } from './char-set.ts'
import type { PatternReader } from './pattern-reader.ts'

const controls: ReadonlyMap<string, string> = new Map([
  ['t', '\t'],
  ['n', '\n'],
  ['r', '\r'],
  ['f', '\f'],
  ['v', '\v'],
  ['a', '\x07'],
])

/** The character that an escape stands for, or the set of them. */
export function readEscape(reader: PatternReader): string | CharSet {
  const start = reader.at
  const hex = reader.match(
    /\\(?:x([\da-fA-F]{2})|u([\da-fA-F]{4})|U([\da-fA-F]{8})|[xuU]\{([\da-fA-F]{1,8})\})/y,
  )
  if (hex !== null) {
    const code = Number.parseInt(hex[1] ?? hex[2] ?? hex[3] ?? hex[4] ?? '', 16)
    const isCharacter = code <= MAX_CODE && !(code >= 0xd800 && code <= 0xdfff)
    if (!isCharacter) throw reader.fault(hex[0], 'is no character', start)
    return String.fromCodePoint(code)
  }
  reader.at++
  const name = reader.char()
  const found = classEscapes.get(name) ?? controls.get(name) ?? (/^[^\w\s<>]$/u.test(name) ? name : undefined)
  if (found === undefined) throw reader.fault(`\\${name}`, 'is not supported', start)
  reader.skip(name)
  return found
}
