import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { CountingPods, podManifest } from './test-counting-pods.ts'

const series = 1_000_000
const seriesPerChunk = 10_000

let root: string
let child: ChildProcess | null = null
let exploding: Server
const pods = new CountingPods(Date.now() + 3_600_000)
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'meshscope-exploding-'))
})
afterEach(async () => {
  child?.kill('SIGKILL')
  exploding.closeAllConnections()
  await new Promise(done => exploding.close(done))
  await pods.close()
  await rm(root, { recursive: true, force: true })
})

const chunk = Array.from(
  { length: seriesPerChunk },
  (_, i) =>
    `response_total{direction="inbound",target_port="8080",tls="true",client_id="FIRST-${i}.shop.serviceaccount.identity.linkerd.cluster.local",classification="success"} 1\n`,
).join('')

test('a proxy of a million series is left out: the others are counted, and memory stays bounded', async () => {
  let [asked, sentBytes] = [0, 0]
  /** A million series, for whoever reads them to the end. */
  function* exposition(): Generator<string> {
    for (let first = 0; first < series; first += seriesPerChunk) {
      sentBytes += chunk.length
      yield chunk.replaceAll('FIRST', `${first}`)
    }
    yield '# EOF\n'
  }
  exploding = createServer((_, response) => {
    asked++
    pipeline(Readable.from(exposition()), response).catch(() => {})
  })
  await new Promise<void>(done => exploding.listen(0, '127.77.2.9', done))
  await pods.start('127.77.2.2', '127.77.2.3')
  pods.countPerScrape(3)
  const { address, port } = exploding.address() as AddressInfo
  await writeFile(
    join(root, 'mesh.yaml'),
    `${pods.meshFile()}\n---\n${podManifest('exploding-0', address, port)}`,
  )
  const own = ['--data-dir', join(root, 'data'), '--mesh-file', join(root, 'mesh.yaml')]
  child = spawn(
    process.execPath,
    ['dist/server.js', '--roles=collect', '--history=off', '--scrape-interval=200ms', ...own],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  await expect.poll(() => said, { timeout: 60_000 }).toContain('Left out shop/exploding-0')
  const before = pods.scrapes
  await expect.poll(() => pods.scrapes, { timeout: 60_000 }).toBeGreaterThan(before + 10)
  expect(said).toMatch(/^[^\n]* warn Left out [^\n]*: expected at most 100000 series, got more[^\n]*\n$/)
  // Of each answer no more was read than it takes to see that it is too much.
  expect(sentBytes / asked).toBeLessThan(64 * 1_024 * 1_024)
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8')
  const peakKib = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1])
  expect(peakKib).toBeLessThan(300 * 1_024)
}, 120_000)
