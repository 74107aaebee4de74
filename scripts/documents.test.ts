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
