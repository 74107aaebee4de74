import { spawnSync } from 'node:child_process'

/** Servers lie where only administrators look. */
const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` }

/** Those of these programs that the machine lacks. */
export function missingTools(...names: readonly string[]): readonly string[] {
  return names.filter(name => spawnSync('which', [name], { env }).status !== 0)
}

/** Whether a test can have its programs. */
export interface Tools {
  readonly areMissing: boolean
  /** For the test's name: why it is skipped; empty when it is not. */
  readonly note: string
}

/** Looks for the programs of a test, which is skipped without them. Throws under CI instead, where all are to be there. */
export function findTools(...names: readonly string[]): Tools {
  const missing = missingTools(...names)
  if (missing.length === 0) return { areMissing: false, note: '' }
  const found = `found no ${missing.join(', ')}`
  if (process.env.CI) throw new Error(`Cannot run these tests: expected ${names.join(', ')}, ${found}`)
  return { areMissing: true, note: ` (${found})` }
}
