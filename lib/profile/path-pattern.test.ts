import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compilePathPattern, MAX_PATH_CHARS } from './path-pattern.ts'

test.each([
  ['(', '"(" at 0 is not closed'],
  [')', '")" at 0 closes no group'],
  ['[a', '"[" at 0 is not closed'],
  ['/{id}', '"{" at 1 begins no repeat'],
  ['a{id}', '"{" at 1 begins no repeat'],
  ['a{3,2}', '"{3,2}" at 1 ends before it begins'],
  ['a{2000}', '"{2000}" at 1 repeats more than 1000 times'],
  ['*a', '"*" at 0 has nothing to repeat'],
  ['[b-a]', '"-" at 2 is between what makes no range'],
  ['(?=a)', '"(?" at 0 is not supported'],
  ['(?m)a', '"(?m)" at 0 has the flag m, which is not supported'],
  ['a(?i-u:b)', '"(?i-u:" at 1 has the flag u, which is not supported'],
  ['(?)', '"(?)" at 0 is not supported'],
  ['(a)\\1', '"\\1" at 3 is not supported'],
  ['[[:alfa:]]', '"[:alfa:]" at 1 is not supported'],
  ['[a[b]', '"[" at 0 is not closed'],
  ['\\pL', '"\\p" at 0 is not supported'],
  ['\\x{110000}', '"\\x{110000}" at 0 is no character'],
  ['\\u{d800}', '"\\u{d800}" at 0 is no character'],
  ['(a{100}){100}', 'it has more than 192 steps with its repeats written out'],
])('compilePathPattern() refuses %s and says why', (pattern, why) => {
  expect(() => compilePathPattern(pattern)).toThrow(
    new RangeError(`Cannot use path pattern "${pattern}": ${why}`),
  )
})

test.each([
  ['/a.c', '/abc', true],
  ['/a.c', '/a\nc', false],
  ['/a\\.c', '/abc', false],
  ['/\\d{2,3}', '/1234', false],
  ['/\\d{2,}', '/1234', true],
  ['/\\w+-\\S', '/ab_9-!', true],
  ['[\\d/]+', '/1/2', true],
  ['[^/]+', 'a/b', false],
  ['[]a]+', ']a', true],
  ['[^]a]', ']', false],
  ['[a-]+', 'a-', true],
  ['/\\x41\\u{42}', '/AB', true],
  ['^/a$', '/a', true],
  ['/a$b', '/ab', false],
  ['/(^a|b)', '/a', false],
  ['/a+?', '/aaa', true],
  ['(a**)*b', 'aab', true],
  ['', '', true],
  ['/é+', '/éé', true],
  ['/☃', '/☃', true],
  ['/[^☃]', '/☃', false],
  ['😀{2}', '😀😀', true],
  ['😀{2}', '😀', false],
  ['.', '😀', true],
  ['[😀-😂]+', '😁😂', true],
  ['[^a]', '😀', true],
  ['\\x{1F600}', '😀', true],
  ['\\U0001F600', '😀', true],
  ['.\udc00', '\ud800a', false],
  ['(?i)/Users/[a-c]+', '/uSERS/AbC', true],
  ['/a(?i:b)c', '/aBc', true],
  ['/a(?i:b)c', '/abC', false],
  ['/a(?i)b|C', '/aB', true],
  ['/(?:(?i)a)b', '/AB', false],
  ['(?i)/a(?-i)b', '/AB', false],
  ['(?i)[^a]', 'A', false],
  ['(?i)k', '\u212a', true],
  ['(?i)é+', 'éÉ', true],
  ['(?i)[α-γ]Σ', 'Βς', true],
  ['(?i)\\W', 'K', false],
  ['(?s).', '\n', true],
  ['(?U)a+', 'aaa', true],
  ['[[:alpha:][:digit:]_]+', 'aZ9_', true],
  ['[[:^alpha:]]', 'a', false],
  ['(?i)[[:upper:]]', 'a', true],
  ['[a-z&&[^x-z]]+', 'abw', true],
  ['[a-z&&[^x-z]]', 'x', false],
  ['[a-z--m]', 'm', false],
  ['[a-z--aeiou&&a-f]+', 'bcdf', true],
  ['[a-c~~b-d]+', 'ad', true],
  ['[a-c~~b-d]', 'b', false],
  ['[a&&b]', 'a', false],
  ['/\\bab\\b-', '/ab-', true],
  ['/a\\bb', '/ab', false],
  ['/a\\Bb\\B', '/ab', false],
  ['/.*\\bv1\\b.*', '/api/v1/users', true],
  ['/.*\\bv1\\b.*', '/api/v10/users', false],
  ['\\b', '', false],
  ['\\B', '', true],
  ['(a\\b|b)*', 'ba', true],
  ['(a\\b|b)*', 'ab', false],
  ['/\\<a\\>', '/a', true],
  ['/\\b{start}a\\b{end}', '/a', true],
  ['/a\\b{start}', '/a', false],
  ['/\\b{start-half}\\b{end-half}/', '//', true],
  ['/a\\b{end-half}/', '/a/', true],
  ['a\\b{end-half}b', 'ab', false],
])('pattern %s of path %s is %j', (pattern, path, isMatch) => {
  expect(compilePathPattern(pattern)(path)).toBe(isMatch)
})

test.each([
  ['(a+)+', `${'a'.repeat(8000)}!`, false],
  ['(a|aa)+', `${'a'.repeat(8000)}!`, false],
  ['(.*)(.*)(.*)(.*)(.*)=', 'x'.repeat(8192), false],
  ['([a-z]{1,20}/)*[a-z]{1,20}', `${'abcdefghij/'.repeat(700)}!`, false],
  ['((a{0,9}){0,9})*b', 'a'.repeat(8192), false],
  ['(){900}(((){900}){900}){900}a', 'a', true],
])('pattern %s takes no longer for a path made against it', (pattern, path, isMatch) => {
  expect(compilePathPattern(pattern)(path)).toBe(isMatch)
})

test('a pattern of more states than are remembered still tells matches', () => {
  const matches = compilePathPattern('(a|b)*a(a|b){40}')
  let seed = 1
  for (let i = 0; i < 300; i++) {
    let path = ''
    for (let at = 0; at < 150; at++) {
      seed = (seed * 48_271) % 0x7fff_ffff
      path += seed % 2 === 0 ? 'a' : 'b'
    }
    expect(matches(path)).toBe(path.at(-41) === 'a')
  }
})

test('a pattern whose steps lead to several others tells matches of long paths', () => {
  const matches = compilePathPattern('[ab]*a([ab][ab]?){30}')
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 100, maxLength: 400 }), rare => {
      const path = rare.map(isRare => (isRare ? 'a' : 'bbbbbbbb')).join('')
      expect(matches(path)).toBe(path.slice(-61, -30).includes('a'))
    }),
  )
})

test('a path beyond the limit matches nothing', () => {
  const matches = compilePathPattern('a*')
  expect(matches('a'.repeat(MAX_PATH_CHARS))).toBe(true)
  expect(matches('a'.repeat(MAX_PATH_CHARS + 1))).toBe(false)
})

const source = fc.letrec<{ node: string }>(tie => ({
  node: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom(
      'a',
      'b',
      '/',
      '.',
      '[ab]',
      '[^a]',
      '\\w',
      '\\W',
      '',
      '\\b',
      '\\B',
      '^',
      '$',
      '😀',
      '[😀b]',
    ),
    fc.tuple(tie('node'), tie('node')).map(parts => parts.join('')),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(?:${a}|${b})`),
    fc
      .tuple(tie('node'), fc.constantFrom('*', '+', '?', '{2}', '{0,2}', '{1,}', '*?'))
      .map(([part, times]) => `(?:${part})${times}`),
  ),
})).node
const paths = fc
  .array(fc.constantFrom('a', 'b', 'B', '/', '\n', '😀'), { maxLength: 8 })
  .map(chars => chars.join(''))

test('patterns match what JavaScript’s own expressions match', () => {
  fc.assert(
    fc.property(
      source,
      fc.boolean(),
      fc.array(paths, { minLength: 1, maxLength: 5 }),
      (pattern, cased, all) => {
        let matches: (path: string) => boolean
        try {
          matches = compilePathPattern(cased ? pattern : `(?i)${pattern}`)
        } catch (error) {
          fc.pre(!String(error).includes('more than 192 steps'))
          throw error
        }
        const own = new RegExp(`^(?:${pattern})$`, cased ? 'u' : 'ui')
        for (const path of all) expect(matches(path)).toBe(own.test(path))
      },
    ),
    { numRuns: 500 },
  )
})
