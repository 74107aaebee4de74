import { expect, test } from 'vitest'
import { createLog } from './log.ts'

test('createLog() writes one line per event, whatever is in it', () => {
  const lines: string[] = []
  const log = createLog(
    line => lines.push(line),
    () => Date.UTC(2026, 2, 1, 10),
  )
  log.info('web ready', { port: 8084, isTls: false })
  log.warn('scrape\nfailed', { target: 'web 0', error: 'a="b"\nc', none: undefined, since: null })
  expect(lines).toEqual([
    '2026-03-01T10:00:00.000Z info web ready port=8084 isTls=false\n',
    '2026-03-01T10:00:00.000Z warn scrape failed target="web 0" error="a=\\"b\\"\\nc" since=null\n',
  ])
})
