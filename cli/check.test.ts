import { expect, test } from 'vitest'
import type { CheckRow } from '#lib/api/checks.ts'
import { fullCoverage, runAgainst, span } from './test-server.ts'

const row = (id: string, change: Partial<CheckRow> = {}): CheckRow => ({
  id,
  area: 'Numbers',
  title: `The ${id}`,
  state: 'ok',
  finding: 'all of it',
  meaning: 'why it matters',
  hint: null,
  ...change,
})
const numbers = [{ id: 'n', group: 'Scrapes', title: 'Samples', value: 12.5, unit: 'perSecond' }]
const answer = (...rows: CheckRow[]) => ({
  status: 200,
  body: { span, coverage: fullCoverage, rows, numbers },
})

test('check prints what was found by area, and exits with 1 only when something fails', async () => {
  const warned = row('disk', { area: 'Server', state: 'warn', finding: '80.0 MiB free', hint: 'Free some' })
  const { exit, out, err, asked } = await runAgainst(() => answer(row('history'), warned), 'check')
  expect({ exit, err, asked }).toEqual({ exit: 0, err: '', asked: ['/api/v1/checks'] })
  expect(out).toBe(
    [
      'Numbers',
      '-------',
      '√ The history',
      '    all of it',
      '',
      'Server',
      '------',
      '‼ The disk',
      '    80.0 MiB free',
      '    → Free some',
      '',
      'Status check results are ‼',
      '',
    ].join('\n'),
  )
  const failed = await runAgainst(() => answer(row('mesh', { state: 'fail' })), 'viz', 'check', '-o', 'wide')
  expect(failed).toMatchObject({ exit: 1, err: '' })
  expect(failed.out).toContain('Scrapes\n-------\nSamples: 12.5 /s\n')
  expect(failed.out).toContain('results are ×')
})

test('check prints JSON, and takes no argument', async () => {
  const { out } = await runAgainst(() => answer(row('mesh')), 'check', '-o', 'json')
  expect(JSON.parse(out)).toEqual({ rows: [row('mesh')], numbers })
  expect(await runAgainst(() => answer(), 'check', 'proxies')).toMatchObject({ exit: 2 })
})
