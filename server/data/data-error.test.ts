import { openSync, writeSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DataError } from './data-error.ts'

/** What the system says of a write to a full disk. */
function diskIsFull(): unknown {
  try {
    writeSync(openSync('/dev/full', 'w'), 'x')
  } catch (error) {
    return error
  }
  return expect.fail('the disk had room')
}

test.skipIf(process.platform !== 'linux')(
  'from() says what was to be done, and what helps, when the disk is full',
  () => {
    const { message } = DataError.from(diskIsFull(), 'open data directory /data')
    expect(message).toBe(
      'Cannot open data directory /data: ENOSPC: no space left on device, write; free some space, or choose another place with --data-dir',
    )
  },
)

test('from() keeps the cure of what was found out before', () => {
  const { message } = DataError.from(
    new DataError('expected a, found b', 'wait'),
    'open data directory /data',
  )
  expect(message).toBe('Cannot open data directory /data: expected a, found b; wait')
})
