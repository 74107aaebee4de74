import { bench } from 'vitest'
import { compilePathPattern, MAX_PATH_CHARS } from './path-pattern.ts'

/** Letters without an order that a pattern could follow: each leads to steps that were not met before. */
function mixed(one: string, other: string, share: number): string {
  let seed = 1
  return Array.from({ length: MAX_PATH_CHARS }, () => {
    seed = (seed * 48_271) % 0x7fff_ffff
    return seed % share === 0 ? other : one
  }).join('')
}

const ADVERSARIAL: readonly (readonly [pattern: string, path: string])[] = [
  ['(a|aa)+b', 'a'.repeat(MAX_PATH_CHARS)],
  ['(.*a){50}x', mixed('a', 'b', 2)],
  ['([ab]*a[ab]{60}|[ab]*b[ab]{70})*c', mixed('a', 'b', 2)],
  ['[ab]*a[ab]{185}', mixed('a', 'b', 16)],
  ['[ab]*a([ab][ab]?){62}', mixed('b', 'a', 16)],
]

for (const [pattern, path] of ADVERSARIAL) {
  const matches = compilePathPattern(pattern)
  bench(`path of ${MAX_PATH_CHARS} characters against ${pattern}`, () => {
    matches(path)
  })
}
