import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Choice, findChoices } from './find-choices.ts'

const choices = (...words: string[]): Choice[] => words.map(name => ({ id: name, words: name }))
const found = (query: string, ...words: string[]) =>
  findChoices([{ title: '', choices: choices(...words) }], query, 10).flatMap(group =>
    group.choices.map(({ id }) => id),
  )

test('findChoices() puts the name itself first, then what begins with it, then parts that do, then the others', () => {
  expect(found('cat', 'location', 'shop/catalog', 'catalog', 'cat')).toEqual([
    'cat',
    'catalog',
    'shop/catalog',
    'location',
  ])
})

test('findChoices() wants every word, in whatever order and case', () => {
  expect(found('WEB shop', 'shop/web', 'shop/users', 'batch/web')).toEqual(['shop/web'])
  expect(found('', 'b', 'a')).toEqual(['b', 'a'])
})

test('findChoices() searches what is not shown, too, and leaves out empty groups', () => {
  const hidden = { id: 'r', words: 'GET /', also: 'shop/web' }
  expect(
    findChoices(
      [
        { title: 'Routes', choices: [hidden] },
        { title: 'Pods', choices: [] },
      ],
      'web',
      10,
    ),
  ).toEqual([{ title: 'Routes', choices: [hidden] }])
})

test('findChoices() takes any text for what it is, and no more than its limit', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { maxLength: 20 }), fc.string(), (names, query) => {
      const all = names.map((words, id) => ({ id: String(id), words }))
      const shown = findChoices([{ title: '', choices: all }], query, 5).flatMap(group => group.choices)
      expect(shown.length).toBeLessThanOrEqual(5)
      for (const word of query.toLowerCase().split(/\s+/)) {
        for (const choice of shown) expect(choice.words.toLowerCase()).toContain(word)
      }
    }),
  )
})
