import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { runWith } from './test-server.ts'

test.each([
  ['--help'],
  ['-h'],
  ['viz', '--help'],
  ['stat', '--help'],
  ['edges', '-h'],
  ['viz', 'stat', '-h'],
])('run() explains itself for %s %s', async (...args) => {
  const { exit, out, err } = await runWith({}, ...args)
  expect({ exit, err }).toEqual({ exit: 0, err: '' })
  expect(out).toContain('Usage: meshscope')
})

test('run() tells the version', async () => {
  expect(await runWith({}, '--version')).toMatchObject({ exit: 0, out: 'meshscope 1.2.3\n' })
})

test('run() refuses a command it does not have, and none', async () => {
  expect(await runWith({}, 'stats')).toMatchObject({ exit: 2, out: '' })
  expect(await runWith({})).toMatchObject({ exit: 2, out: '' })
})

test('the program exits with the code of its command line', async () => {
  const program = (...args: string[]) => promisify(execFile)(process.execPath, ['dist/meshscope.js', ...args])
  expect((await program('--version')).stdout).toMatch(/^meshscope \d+\.\d+\.\d+\n$/)
  await expect(program('stat', 'banana')).rejects.toMatchObject({ code: 2, stdout: '' })
})
