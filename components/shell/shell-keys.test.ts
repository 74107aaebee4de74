// @vitest-environment happy-dom
import { expect, test } from 'vitest'
import { readShellKeys } from './shell-keys.ts'

function press(
  read: ReturnType<typeof readShellKeys>,
  key: string,
  more: KeyboardEventInit = {},
  at?: Element,
) {
  let asked: ReturnType<typeof read> = null
  const listen = (event: KeyboardEvent) => {
    asked = read(event)
  }
  document.addEventListener('keydown', listen)
  const target = at ?? document.body
  target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, ...more }))
  document.removeEventListener('keydown', listen)
  return asked
}

test('readShellKeys() opens the palette by Ctrl-K, ⌘K and /', () => {
  const read = readShellKeys()
  expect(press(read, 'k', { ctrlKey: true })).toBe('palette')
  expect(press(read, 'k', { metaKey: true })).toBe('palette')
  expect(press(read, '/')).toBe('palette')
  expect(press(read, 'k')).toBeNull()
  expect(press(read, '/', { ctrlKey: true })).toBeNull()
})

test('readShellKeys() leads to a page by g and its letter, and forgets the g after another key', () => {
  const read = readShellKeys()
  expect(press(read, 'g')).toBeNull()
  expect(press(read, 't')).toMatchObject({ path: '/topology' })
  expect(press(read, 't')).toBeNull()
  press(read, 'g')
  press(read, 'x')
  expect(press(read, 't')).toBeNull()
})

test('readShellKeys() leaves what is typed into a field alone', () => {
  const field = document.createElement('input')
  document.body.append(field)
  const read = readShellKeys()
  expect(press(read, '?', {}, field)).toBeNull()
  expect(press(read, 'k', { ctrlKey: true }, field)).toBe('palette')
  expect(press(read, '?')).toBe('keys')
  field.remove()
})
