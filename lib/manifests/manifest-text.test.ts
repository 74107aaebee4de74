import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { type ManifestCache, readManifests } from './manifest-text.ts'

const values = (text: string): unknown[] => readManifests('a.yaml', text).manifests.map(({ value }) => value)

describe('readManifests()', () => {
  test('reads documents as the YAML library does when it is given the whole text', () => {
    const lines = [
      '---',
      '--- # next',
      '...',
      '%YAML 1.2',
      'a: 1',
      'b: |',
      '  ---',
      'c: "x',
      ' y"',
      '# note',
      '',
      '- z',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...lines), { maxLength: 12 }), chosen => {
        const text = chosen.join('\n')
        const whole = parseAllDocuments(text, { prettyErrors: false })
        const documents = 'empty' in whole ? [] : whole
        if (documents.some(({ errors }) => errors.length > 0)) return
        const expected = documents.map((document): unknown => document.toJS()).filter(value => value !== null)
        expect(values(text)).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  test('knows the place of keys and values in later documents', () => {
    const [, second] = readManifests('a.yaml', 'a: 1\n--- # two\nspec:\n  ports: [{ port: 80 }]\n').manifests
    expect(second?.locate(['spec', 'ports', 0, 'port'], 'value')).toEqual({ line: 4, column: 19 })
    expect(second?.locate(['spec', 'ports', 0, 'port'], 'key')).toEqual({ line: 4, column: 13 })
    expect(second?.locate(['spec', 'ports', 0, 'name'], 'value')).toEqual({ line: 4, column: 11 })
    expect(second?.locate(['status'], 'value')).toEqual({ line: 3, column: 1 })
  })

  test('keeps the line of an error, whatever stands before', () => {
    const { manifests, problems } = readManifests('a.yaml', 'a: 1\n---\nb: [1\n---\nc: 1\nc: 2\n')
    expect(manifests).toHaveLength(1)
    expect(problems.map(({ line }) => line)).toEqual([4, 6])
  })

  test('takes from the cache what has not changed', () => {
    const first: ManifestCache = new Map()
    const { manifests } = readManifests('a.yaml', 'a: 1\n---\nb: 2\n', new Map(), first)
    const second: ManifestCache = new Map()
    const edited = readManifests('a.yaml', '# new\na: 1\n---\nb: 2\n', first, second)
    expect(edited.manifests[1]?.value).toBe(manifests[1]?.value)
    expect(edited.manifests[1]?.locate(['b'], 'key')).toEqual({ line: 4, column: 1 })
    expect(second.size).toBe(2)
  })
})
