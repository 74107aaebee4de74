import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { expect, test } from 'vitest'
import { MetricWindow } from './metric-window.ts'

test('look() tells what was added since the oldest sample, and what levels are now', async () => {
  const registry = new Registry()
  const registers = [registry]
  const scrapes = new Counter({ name: 'scrapes', help: 'h', registers, labelNames: ['code'] })
  const clients = new Gauge({ name: 'clients', help: 'h', registers })
  const seconds = new Histogram({
    name: 'seconds',
    help: 'h',
    registers,
    labelNames: ['topic'],
    buckets: [1, 2],
  })
  const window = new MetricWindow(registry, ['scrapes', 'clients', 'seconds', 'nowhere'])
  scrapes.inc({ code: 'a' }, 100)
  seconds.observe({ topic: 'edges' }, 1.5)
  expect((await window.look(0)).rate('scrapes')).toBeNull()
  for (let second = 0; second < 10; second++) {
    await window.sample(second * 1_000)
    scrapes.inc({ code: second % 2 === 0 ? 'a' : 'b' }, 2)
  }
  clients.set(7)
  for (const value of [0.5, 0.5, 1.5, 9]) seconds.observe({ topic: 'golden' }, value)
  const look = await window.look(10_000)
  // Six samples are kept: those of 4 s to 9 s.
  expect(look.increase('scrapes')).toBe(12)
  expect(look.rate('scrapes')).toBe(2)
  expect(look.increase('scrapes', { code: 'b' })).toBe(6)
  expect([look.level('clients'), look.level('nowhere')]).toEqual([7, null])
  expect(look.quantile('seconds', 0.5, { topic: 'golden' })).toBe(1)
  expect(look.quantile('seconds', 0.99, { topic: 'golden' })).toBe(2)
  expect(look.quantile('seconds', 0.99, { topic: 'edges' })).toBeNull()
})
