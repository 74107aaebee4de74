import { expect, test } from 'vitest'
import { Fields } from './fields.ts'

const statusesOf = (entries: Fields['unsaved']) => entries.map(({ text }) => text)

test('Fields.unsaved holds what came while others were written, until that is written, too', () => {
  const fields = new Fields([])
  fields.statusField('success/200/')
  const written = fields.unsaved
  fields.statusField('failure/500/')
  fields.saved(written.length)
  expect(statusesOf(fields.unsaved)).toEqual(['failure/500/'])
})

test('Fields.statusField() gives no number twice, when a file lacks one of those it gave', () => {
  const saved = [
    { id: 100, kind: 'status', text: 'success/other/' },
    { id: 102, kind: 'status', text: 'success/200/' },
  ] as const
  const fields = new Fields(saved)
  expect(fields.statusField('failure/500/')).toBe(103)
  expect(fields.statusOf(102)).toBe('success/200/')
})
