import { expect, test } from 'vitest'
import { shellWord } from './shell-word.ts'

test('shellWord() quotes what a shell would read otherwise, and nothing else', () => {
  expect(shellWord('deploy/web')).toBe('deploy/web')
  expect(shellWord('A B!')).toBe("'A B!'")
  expect(shellWord("it's $HOME")).toBe(String.raw`'it'\''s $HOME'`)
  expect(shellWord('')).toBe("''")
})
