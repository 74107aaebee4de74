import { afterEach, describe, expect, test, vi } from 'vitest'
import { findTools } from './find-tools.ts'

afterEach(() => vi.unstubAllEnvs())

describe('findTools()', () => {
  test('finds what is there', () => {
    expect(findTools('sh', 'which')).toEqual({ areMissing: false, note: '' })
  })

  test('names what is missing, for the names of tests that are skipped', () => {
    vi.stubEnv('CI', '')
    expect(findTools('sh', 'no-such-program')).toEqual({
      areMissing: true,
      note: ' (found no no-such-program)',
    })
  })

  test('throws under CI, where no test may be skipped', () => {
    vi.stubEnv('CI', '1')
    expect(() => findTools('no-such-program')).toThrow(
      'Cannot run these tests: expected no-such-program, found no no-such-program',
    )
  })
})
