import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { expect, test } from 'vitest'

const root = resolve(import.meta.dirname, '..')

test.each(['README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'docs/data-plane.md'])(
  '%s names only files and folders that exist',
  name => {
    const text = readFileSync(resolve(root, name), 'utf8')
    const paths = [
      ...text.matchAll(/`((?:lib|server|proxy|cli|app|components|demo|e2e|scripts)\/[\w./-]*)`/g),
    ]
    const links = [...text.matchAll(/\]\(([\w./-]+)\)/g)]
    const missing = [...paths, ...links]
      .map(match => match[1] ?? '')
      .filter(path => !existsSync(resolve(root, path)))
    expect(missing).toEqual([])
  },
)

/** Files of the test column with the titles named after each, as far as there are any. */
function namedTests(row: string): { path: string; titles: string[] }[] {
  return [...row.matchAll(/`([\w./-]+\.(?:test|spec)\.ts)`(?:: ([^`]*))?/g)].map(
    ([, path = '', text = '']) => ({
      path,
      titles: text
        .split('; ')
        .map(title => title.replace(/^… |[,;| ]+$/g, ''))
        .filter(title => title !== ''),
    }),
  )
}

/** What tests and groups of a file are called, `…` standing for what is filled in. */
function namesIn(path: string): string[] {
  const source = readFileSync(resolve(root, path), 'utf8')
  const literals = source.matchAll(/(['"`])((?:\\.|(?!\1).)+)\1/g)
  return [...literals].map(([, , text = '']) =>
    text.replaceAll(/%[a-z]|\$\{[^}]*\}/g, '…').replaceAll('\\', ''),
  )
}

/** Whether a title is the name of a test or some words of it, by itself or after that of its group. */
function isNamed(title: string, names: readonly string[]): boolean {
  const words = title.split(' ')
  return words.some((_, at) => {
    const group = words.slice(0, at).join(' ')
    const rest = words.slice(at).join(' ')
    return (at === 0 || names.includes(group)) && names.some(name => ` ${name}`.includes(` ${rest}`))
  })
}

test('docs/data-plane.md names a test for each feature, by the title it has', () => {
  const text = readFileSync(resolve(root, 'docs/data-plane.md'), 'utf8')
  const rows = text
    .split('\n')
    .filter(line => /^\|.*\|.*\|.*\|$/.test(line) && !/^\| Feature|^\|---/.test(line))
  expect(rows.length).toBeGreaterThan(50)
  expect(rows.filter(row => namedTests(row).length === 0)).toEqual([])
  const wrong = rows.flatMap(namedTests).flatMap(({ path, titles }) => {
    const names = namesIn(path)
    return titles.filter(title => !isNamed(title, names)).map(title => `${path}: ${title}`)
  })
  expect(wrong).toEqual([])
})
