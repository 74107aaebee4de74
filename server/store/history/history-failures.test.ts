import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, expect, test } from 'vitest'
import { cellKey, deltaAt, epochMs } from '#server/store/conformance.ts'
import { StoreError } from '#server/store/store-error.ts'
import { Database } from './database.ts'
import type { History } from './history.ts'
import { closeHistories, historyPath, openTestHistory } from './test-history.ts'

const run = promisify(execFile)
const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await closeHistories()
  for (const close of closers.splice(0).reverse()) await close()
})

const count = (history: History, i: number, port = '8080') =>
  history.append(deltaAt(epochMs + i * 10_000, [{ key: cellKey({ port }), success: 1 }]))
const total = async (history: History): Promise<number> => {
  const range = { startMs: epochMs, endMs: epochMs + 10_000_000 }
  const { rows } = await history.sum({ by: [], where: { view: 'inbound' }, range })
  return rows.reduce((sum, row) => sum + row.sums.success, 0)
}

/** A file with a day's numbers. */
async function written(): Promise<string> {
  const path = await historyPath()
  const history = await openTestHistory(path)
  for (let i = 0; i < 500; i++) count(history, i, String(i))
  await history.close()
  return path
}

test('openHistory() refuses a file of a newer version, and says what helps', async () => {
  const path = await written()
  const database = await Database.open(path)
  await database.run(`UPDATE meta SET value = 7 WHERE name = 'version'`)
  database.close()
  const history = await openTestHistory(path)
  expect(history.canAnswer).toBe(false)
  expect(history.problem).toBe(
    `Cannot open history ${path}: expected version 1, found 7, of a newer meshscope; run that one, or move the file away, and history begins anew`,
  )
})

test('openHistory() says that a file is damaged, and goes on with a new one when it is moved away', async () => {
  const path = await written()
  await writeFile(path, (await readFile(path)).fill(0xa5, 0, 8_000))
  const history = await openTestHistory(path)
  expect(history.problem).toMatch(`Cannot open history ${path}: the file is damaged (`)
  expect(history.problem).toMatch(/; move the file away, and history begins anew$/)
  await history.flush()
  expect(history.problem).toContain('the file is damaged')
  await expect(total(history)).rejects.toThrow('the file is damaged')

  await rename(path, `${path}.damaged`)
  await history.flush()
  expect(history.problem).toBeNull()
  count(history, 1)
  await history.flush()
  expect(await total(history)).toBe(1)
})

/** A file of which one block of rows is damaged: it opens, and questions about all of it fail. */
async function damagedInMidst(): Promise<{ path: string; history: History; error: unknown }> {
  const path = await historyPath()
  const whole = await openTestHistory(path)
  const ports = Array.from({ length: 30_000 }, (_, port) => String(port))
  whole.append(
    deltaAt(
      epochMs,
      ports.map(port => ({ key: cellKey({ port }), readBytes: (Number(port) * 7_919) % 1e6 })),
    ),
  )
  await whole.close()
  const bytes = await readFile(path)
  // Three heads of 4 KiB, then blocks of 256 KiB.
  for (let at = 12_288; at < bytes.length; at += 262_144) {
    const damaged = Buffer.from(bytes)
    damaged.fill(0x5a, at + 1_000, at + 9_000)
    await writeFile(path, damaged)
    const history = await openTestHistory(path)
    const error = history.problem === null ? await total(history).catch((thrown: unknown) => thrown) : 0
    if (error instanceof Error) return { path, history, error }
    await history.close()
  }
  throw new Error('Damaging a block: expected one whose loss a question meets, found none')
}

test('sum() says that a file is damaged in the midst of it, and it can be moved away while the server runs', async () => {
  const { path, history, error } = await damagedInMidst()
  expect(error).toBeInstanceOf(StoreError)
  expect(error).toMatchObject({
    message: expect.stringMatching(`^Cannot read history ${path}: the file is damaged \\(`),
    hint: 'move the file away, and history begins anew',
  })
  expect(history.problem).toContain(`Cannot read history ${path}: the file is damaged`)
  count(history, 9_000)
  await history.flush()
  expect(history.problem).toContain('the file is damaged')
  await rename(path, `${path}.damaged`)
  await history.flush()
  expect(history.problem).toBeNull()
  count(history, 9_001)
  await history.flush()
  expect(await total(history)).toBe(0)
  expect((await openTestHistory(path)).heardSinceMs).toBe(epochMs + 9_001 * 10_000 - 5_000)
})

test('flush() waits for room on a full disk, says so, and loses nothing', async context => {
  const root = await mkdtemp(join(tmpdir(), 'meshscope-full-'))
  closers.push(() => rm(root, { recursive: true, force: true }))
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'tmpfs', root])
  } catch (error) {
    context.skip(`needs the right to mount a small file system: ${String(error).split('\n')[0]}`)
  }
  closers.push(() => run('umount', ['-l', root]))
  const ballast = join(root, 'ballast')
  const path = join(root, 'history', 'history.duckdb')
  const history = await openTestHistory(path)
  count(history, 0)
  await history.flush()
  expect(history.problem).toBeNull()

  await writeFile(ballast, Buffer.alloc(8_000_000)).catch(() => {})
  let counted = 1
  for (; history.problem === null && counted < 40; counted++) {
    for (let port = 0; port < 2_000; port++) count(history, counted, String(port))
    await history.flush()
  }
  expect(history.problem).toMatch(`history ${path}: the disk is full (`)
  expect(history.problem).toMatch(/; free some space; it is tried again$/)
  expect(history.canAnswer && (await total(history))).toBe(1 + (counted - 1) * 2_000)

  await rm(ballast)
  await history.flush()
  expect(history.problem).toBeNull()
  await history.close()
  expect(await total(await openTestHistory(path))).toBe(1 + (counted - 1) * 2_000)
})
