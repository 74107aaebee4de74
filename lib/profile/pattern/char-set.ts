/** Characters by their code points: ranges, each from its first to its last, in order and apart from each other. */
export type CharSet = readonly (readonly [first: number, last: number])[]

export const MAX_CODE = 0x10ffff

export function charSet(...ranges: readonly (readonly [first: number, last: number])[]): CharSet {
  const sorted = [...ranges].sort(([a], [b]) => a - b)
  const merged: [number, number][] = []
  for (const [first, last] of sorted) {
    const before = merged.at(-1)
    if (before !== undefined && first <= before[1] + 1) before[1] = Math.max(before[1], last)
    else merged.push([first, last])
  }
  return merged
}

/** All characters that are not in the set. */
export function complement(set: CharSet): CharSet {
  const rest: [number, number][] = []
  let from = 0
  for (const [first, last] of set) {
    if (first > from) rest.push([from, first - 1])
    from = last + 1
  }
  if (from <= MAX_CODE) rest.push([from, MAX_CODE])
  return rest
}

/** The characters that are in both. */
export function intersection(a: CharSet, b: CharSet): CharSet {
  return complement(charSet(...complement(a), ...complement(b)))
}

export function hasCode(set: CharSet, code: number): boolean {
  return set.some(([first, last]) => code >= first && code <= last)
}

const ranges = (...pairs: readonly string[]): CharSet =>
  charSet(...pairs.map(pair => [pair.charCodeAt(0), pair.charCodeAt(pair.length - 1)] as const))

const digits = ranges('09')
const spaces = ranges('\t\r', ' ')

/** The characters of words, of which word boundaries speak. */
export const wordCharacters = ranges('az', 'AZ', '09', '_')

/** What `\d`, `\w`, `\s` and their opposites stand for. */
export const classEscapes: ReadonlyMap<string, CharSet> = new Map([
  ['d', digits],
  ['D', complement(digits)],
  ['w', wordCharacters],
  ['W', complement(wordCharacters)],
  ['s', spaces],
  ['S', complement(spaces)],
])

/** What `[:alpha:]` and its like stand for. */
export const posixClasses: ReadonlyMap<string, CharSet> = new Map([
  ['alnum', ranges('az', 'AZ', '09')],
  ['alpha', ranges('az', 'AZ')],
  ['ascii', ranges('\x00\x7f')],
  ['blank', ranges('\t', ' ')],
  ['cntrl', ranges('\x00\x1f', '\x7f')],
  ['digit', digits],
  ['graph', ranges('!~')],
  ['lower', ranges('az')],
  ['print', ranges(' ~')],
  ['punct', ranges('!/', ':@', '[`', '{~')],
  ['space', spaces],
  ['upper', ranges('AZ')],
  ['word', wordCharacters],
  ['xdigit', ranges('09', 'AF', 'af')],
])

/** What `.` stands for. */
export const anyButNewline = complement(ranges('\n'))
export const anyCharacter = complement([])
