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

test('createLog() leaves out what says the same too often but for its numbers, and counts it', () => {
  const lines: string[] = []
  let nowMs = 1_700_000_000_000
  const log = createLog({ level: 'info', write: line => lines.push(line), nowMs: () => nowMs })
  for (let i = 0; i < 1000; i++) log.warn('Request failed', { authority: 'a' })
  log.warn('Request failed', { authority: 'b' })
  for (let port = 1000; port < 1100; port++) log.warn('Request failed', { authority: 'c', port })
  for (let i = 0; i < 20; i++) log.info('Certified')
  for (let i = 0; i < 20; i++) log.error('No disk')
  expect(lines.filter(line => line.includes('authority=a'))).toHaveLength(10)
  expect(lines.filter(line => line.includes('authority=b'))).toHaveLength(1)
  expect(lines.filter(line => line.includes('authority=c'))).toHaveLength(10)
  expect(lines.filter(line => line.includes('Certified'))).toHaveLength(10)
  expect(lines.filter(line => line.includes('No disk'))).toHaveLength(20)
  nowMs += 10_000
  log.warn('Request failed', { authority: 'a' })
  expect(lines.slice(-2)).toEqual([
    '2023-11-14T22:13:30.000Z warn Warnings were left out count=1080 since=2023-11-14T22:13:20.000Z\n',
    '2023-11-14T22:13:30.000Z warn Request failed authority=a\n',
  ])
})

test('createLog() bounds the warnings of all kinds together', () => {
  const lines: string[] = []
  const log = createLog({ level: 'info', write: line => lines.push(line), nowMs: () => 0 })
  for (let i = 0; i < 1000; i++) log.warn('Connection refused', { name: letters(i) })
  expect(lines).toHaveLength(200)
})

/** A name without digits for each number. */
function letters(number: number): string {
  return String(number).replaceAll(/\d/g, digit => 'abcdefghij'.charAt(Number(digit)))
}

test.each([
  ['', 'warn'],
  ['warn,linkerd=info,hickory=error', 'info'],
  ['error', 'error'],
  ['linkerd=trace', 'debug'],
])('parseLogLevel() of "%s" is %s', (filter, level) => {
  expect(parseLogLevel(filter)).toBe(level)
})
