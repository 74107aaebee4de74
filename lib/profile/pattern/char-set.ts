/** Characters by their codes: ranges, each from its first to its last, in order and apart from each other. */
export type CharSet = readonly (readonly [first: number, last: number])[]

const MAX_CODE = 0xffff

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

export function hasCode(set: CharSet, code: number): boolean {
  return set.some(([first, last]) => code >= first && code <= last)
}

const ranges = (...pairs: readonly string[]): CharSet =>
  charSet(...pairs.map(pair => [pair.charCodeAt(0), pair.charCodeAt(pair.length - 1)] as const))

const digits = ranges('09')
const words = ranges('az', 'AZ', '09', '_')
const spaces = ranges('\t\r', ' ')

/** What `\d`, `\w`, `\s` and their opposites stand for. */
export const classEscapes: ReadonlyMap<string, CharSet> = new Map([
  ['d', digits],
  ['D', complement(digits)],
  ['w', words],
  ['W', complement(words)],
  ['s', spaces],
  ['S', complement(spaces)],
])

/** What `.` stands for. */
export const anyButNewline = complement(ranges('\n'))
