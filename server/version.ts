import { readFileSync } from 'node:fs'

/** This package's version. package.json lies one folder up from the sources, and from the bundle too. */
export function readVersion(): string {
  const described: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return described && typeof described === 'object' && 'version' in described
    ? String(described.version)
    : 'unknown'
}
