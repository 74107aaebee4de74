import { expect, test } from 'vitest'
import { endToast, say, shownToasts, watchToasts } from './toasts.ts'

test('say() keeps the newest three lines, and tells those who watch', () => {
  let told = 0
  const end = watchToasts(() => told++)
  for (const words of ['one', 'two', 'three', 'four']) say(words)
  expect(shownToasts().map(({ words }) => words)).toEqual(['two', 'three', 'four'])
  for (const { id } of shownToasts()) endToast(id)
  expect(shownToasts()).toEqual([])
  expect(told).toBe(7)
  end()
  say('unheard')
  expect(told).toBe(7)
})
