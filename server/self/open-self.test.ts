import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Gauge, Registry } from 'prom-client'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSelf } from './open-self.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'meshscope-self-'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

test('openSelf() tells of disk, memory, event loop and clock, and of no certificate that is not there', async () => {
  const registry = new Registry()
  new Gauge({ name: 'meshscope_store_cells', help: 'h', registers: [registry] }).set(12)
  let aheadMs = 0
  const self = openSelf({
    registry,
    dataPath: root,
    certificates: { 'The issuer': join(root, 'nowhere.pem') },
    series: () => null,
    history: 'off',
    now: () => Date.now() + aheadMs,
  })
  try {
    const facts = await self.facts()
    expect(facts).toMatchObject({ series: null, history: 'off', certificates: [] })
    expect(facts.disk?.freeBytes).toBeGreaterThan(0)
    expect(facts.heap.limitBytes).toBeGreaterThan(facts.heap.usedBytes)
    expect(facts.loop.longestMs).toBeGreaterThanOrEqual(facts.loop.p99Ms)
    expect(Math.abs(facts.clockMovedMs)).toBeLessThan(2_000)
    aheadMs = 3_600_000
    expect((await self.facts()).clockMovedMs).toBeGreaterThan(3_500_000)
    const numbers = await self.numbers()
    expect(new Set(numbers.map(({ id }) => id)).size).toBe(numbers.length)
    const numberOf = (title: string) => numbers.find(number => number.title === title)?.value
    expect(numberOf('Label sets in memory')).toBe(12)
    expect(numberOf('Resident memory')).toBeGreaterThan(1_000_000)
    expect(numberOf('Writing history, P50')).toBeNull()
  } finally {
    self.close()
    self.close()
  }
})

test('openSelf() says that there is no certificate, when what lies there is none', async () => {
  const path = join(root, 'issuer.pem')
  await writeFile(path, 'not a certificate')
  const self = openSelf({
    registry: new Registry(),
    dataPath: join(root, 'nowhere'),
    certificates: { 'The issuer': path },
    series: () => null,
    history: 'kept',
    now: Date.now,
  })
  expect(await self.facts()).toMatchObject({ certificates: [], disk: null })
  self.close()
})
