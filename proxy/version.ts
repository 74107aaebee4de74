import { readFileSync } from 'node:fs'

/** This package's version: package.json lies one folder up from the sources, and from the bundle too. */
export function ownVersion(): string {
  try {
    const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8')
    const parsed: unknown = JSON.parse(text)
    const hasVersion = typeof parsed === 'object' && parsed !== null && 'version' in parsed
    return hasVersion ? String(parsed.version) : 'unknown'
  } catch {
    return 'unknown'
  }
}
