import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { layout } from './data/layout.ts'
import { openHistory } from './store/history/history.ts'
import { CountingPods } from './test-counting-pods.ts'

/** `npm run crash` asks for fifty. */
const rounds = Number(process.env.MESHSCOPE_CRASH_ROUNDS ?? 3)
const startedAtMs = Date.now() - 60_000

let root: string
let pods: CountingPods
let child: ChildProcess | null = null
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'meshscope-crash-'))
  pods = new CountingPods(startedAtMs)
  await pods.start('127.77.1.2', '127.77.1.3', '127.77.1.4')
  await writeFile(join(root, 'mesh.yaml'), pods.meshFile())
})
afterEach(async () => {
  await end('SIGKILL')
  await pods.close()
  await rm(root, { recursive: true, force: true })
})

/** Starts the collector and waits until it has scraped each pod so often. */
async function collect(scrapes: number): Promise<void> {
  const wanted = pods.scrapes + scrapes
  const own = ['--data-dir', join(root, 'data'), '--mesh-file', join(root, 'mesh.yaml')]
  const speed = ['--scrape-interval=200ms', '--flush-interval=200ms']
  child = spawn(process.execPath, ['dist/server.js', '--roles=collect', ...own, ...speed], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await expect.poll(() => pods.scrapes, { timeout: 600_000 }).toBeGreaterThanOrEqual(wanted)
}

async function end(signal: NodeJS.Signals): Promise<number | null> {
  const ending = child
  child = null
  if (ending === null || ending.exitCode !== null) return null
  const exited = once(ending, 'exit')
  ending.kill(signal)
  return (await exited)[0]
}

/** What the file holds of each pod; throws where one transaction's numbers are not all there. */
async function kept(): Promise<Readonly<Record<string, number>>> {
  const history = await openHistory({ path: layout.history(join(root, 'data')), intervalMs: 1_000 })
  expect(history.problem).toBeNull()
  const range = { startMs: startedAtMs - 60_000, endMs: Date.now() + 60_000 }
  const ofPort = async (port: string) => {
    const where = { view: 'inbound', port } as const
    const { rows } = await history.sum({ by: ['pod'], where, range, stepSeconds: 10, withStatuses: true })
    return rows.map(({ key, atMs, sums }) => {
      const latencies = sums.latency?.counts.reduce((a, b) => a + b, 0)
      const statuses = sums.statuses?.get('success/200/')?.requests
      return { pod: key[0]!, atMs, success: sums.success, latencies, statuses }
    })
  }
  const rows = await ofPort('8080')
  expect(await ofPort('9090')).toEqual(rows)
  for (const { success, latencies, statuses } of rows)
    expect([latencies, statuses]).toEqual([success, success])
  await history.close()
  const totals: Record<string, number> = {}
  for (const { pod, success } of rows) totals[pod] = (totals[pod] ?? 0) + success
  return totals
}

test(`history survives kill -9 in the midst of writing, ${rounds} times, and loses no request`, async () => {
  // The first scrape is where counting begins: it must find zero.
  await collect(2)
  expect(await end('SIGTERM')).toBe(0)
  let before = await kept()
  for (let round = 1; round <= rounds; round++) {
    pods.countPerScrape(round)
    await collect(1 + (round % 7))
    // Anywhere between two flushes, and in them.
    await new Promise(done => setTimeout(done, (round * 83) % 400))
    await end('SIGKILL')
    const now = await kept()
    for (const [pod, total] of Object.entries(before)) expect(now[pod]).toBeGreaterThanOrEqual(total)
    for (const [pod, total] of Object.entries(now)) expect(total).toBeLessThanOrEqual(pods.counted()[pod]!)
    before = now
  }
  await collect(2)
  pods.countPerScrape(0)
  const scrapes = pods.scrapes
  await expect.poll(() => pods.scrapes, { timeout: 600_000 }).toBeGreaterThan(scrapes + 1)
  expect(await end('SIGTERM')).toBe(0)
  expect(await kept()).toEqual(pods.counted())
}, 1_800_000)
