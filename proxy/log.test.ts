import { expect, test } from 'vitest'
import { createLog, parseLogLevel } from './log.ts'

test('createLog() writes one line per call, with quoted values where they need it', () => {
  const lines: string[] = []
  const log = createLog({ level: 'info', write: line => lines.push(line), nowMs: () => 1_700_000_000_000 })
  log.warn('No certificate\nyet', { attempt: 2, why: 'say "no"', at: 'a:1' })
  log.debug('not shown')
  expect(lines).toEqual([
    '2023-11-14T22:13:20.000Z warn No certificate yet attempt=2 why="say \\"no\\"" at=a:1\n',
  ])
})

test.each([
  ['', 'warn'],
  ['warn,linkerd=info,hickory=error', 'info'],
  ['error', 'error'],
  ['linkerd=trace', 'debug'],
])('parseLogLevel() of "%s" is %s', (filter, level) => {
  expect(parseLogLevel(filter)).toBe(level)
})
