import { type CharSet, charSet, hasCode } from './char-set.ts'

const FIRST_BEYOND_ASCII = 0x80
/** No character beyond has another case. */
const LAST_CASED = 0x1e943

/** Letters of ASCII that are the same as ones beyond it: the long s, and the sign of Kelvin. */
const BEYOND: readonly (readonly [ascii: number, other: number])[] = [
  [0x73, 0x17f],
  [0x6b, 0x212a],
]
const UPPER_TO_LOWER = 0x20

/** Each group of characters beyond ASCII that differ in case only; made when first needed. */
let groupsBeyondAscii: readonly (readonly number[])[] | null = null

/** The set with the other cases of its members, by Unicode's simple folding. */
export function foldCase(set: CharSet): CharSet {
  const more: (readonly [number, number])[] = []
  const add = (code: number) => more.push([code, code])
  for (let lower = 0x61; lower <= 0x7a; lower++) {
    const upper = lower - UPPER_TO_LOWER
    const beyond = BEYOND.find(([ascii]) => ascii === lower)?.[1]
    const all = beyond === undefined ? [lower, upper] : [lower, upper, beyond]
    if (all.some(code => hasCode(set, code))) all.forEach(add)
  }
  if (set.some(([, last]) => last >= FIRST_BEYOND_ASCII)) {
    groupsBeyondAscii ??= findGroups()
    for (const group of groupsBeyondAscii) if (group.some(code => hasCode(set, code))) group.forEach(add)
  }
  return charSet(...set, ...more)
}

function findGroups(): readonly (readonly number[])[] {
  const groups = new Map<number, Set<number>>()
  for (let code = FIRST_BEYOND_ASCII; code <= LAST_CASED; code++) {
    const folded = only(only(code, 'toUpperCase'), 'toLowerCase')
    if (folded === code || folded < FIRST_BEYOND_ASCII) continue
    const group = groups.get(folded) ?? new Set([folded])
    groups.set(folded, group.add(code))
  }
  return [...groups.values()].map(group => [...group])
}

/** The character in the other case, where that is one character. */
function only(code: number, change: 'toUpperCase' | 'toLowerCase'): number {
  const changed = String.fromCodePoint(code)[change]()
  const found = changed.codePointAt(0) ?? code
  return changed.length === String.fromCodePoint(found).length ? found : code
}
