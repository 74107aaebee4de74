import { expect, test } from 'vitest'
import { soak } from './soak/soak.ts'

test('a mesh under load answers each request with its own answer, and counts it once, while all around it changes', {
  timeout: 120_000,
}, async () => {
  const { aborted, counted, proxies, sent, wrong } = await soak(20)
  expect(wrong).toEqual([])
  expect(aborted).toBeGreaterThan(0)
  expect(counted).toEqual({ outbound: sent, responses: sent, inbound: sent })
  for (const [name, { last, warm }] of proxies) {
    expect(last.startedAtSeconds, name).toBe(warm.startedAtSeconds)
    expect(last.certificates, name).toBeGreaterThanOrEqual(3)
    expect(last.openFds, name).toBeLessThanOrEqual(warm.openFds + 10)
    expect(last.residentBytes, name).toBeLessThan(warm.residentBytes * 1.5 + 32 * 2 ** 20)
  }
})
