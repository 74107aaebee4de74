import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { composeFiles } from './compose.ts'

const root = resolve(import.meta.dirname, '..')
const contents = (text: string): unknown[] =>
  parseAllDocuments(text, { merge: true }).map(document => document.toJS())

test.each([...composeFiles()])('%s is what demo/mesh.yaml makes of it', (path, text) => {
  expect(contents(readFileSync(resolve(root, path), 'utf8'))).toEqual(contents(text))
})
