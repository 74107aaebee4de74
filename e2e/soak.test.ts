import { expect, test } from 'vitest'
import { growthOf } from './soak/process-state.ts'
import { soak } from './soak/soak.ts'

test('a mesh under load answers each request with its own answer, and counts it once, while all around it changes', {
  timeout: 120_000,
}, async () => {
  const { aborted, certificates, counted, faults, processes, sent, wrong } = await soak(20)
  expect(wrong).toEqual([])
  expect(faults).toEqual([])
  expect(aborted).toBeGreaterThan(0)
  for (const count of Object.values(sent)) expect(count).toBeGreaterThan(10)
  const requests = sent.http1 + sent.http2 + sent.grpc
  expect(counted).toEqual({
    outbound: requests,
    responses: requests,
    inbound: requests,
    connections: sent.tcp,
  })
  for (const [name, count] of certificates) expect(count, name).toBeGreaterThanOrEqual(3)
  for (const [name, course] of processes) expect(growthOf(course), name).toEqual([])
})
