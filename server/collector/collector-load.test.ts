import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { closeAll, counted, instance, serve, start, stateOf } from './test-collector.ts'

afterEach(closeAll)

/** Measures the most CPU time that went by between two rounds of the event loop; the clock's time says more of the machine. */
function watchTurns(): { longestMs(): number; reset(): void; close(): void } {
  let longestMs = 0
  let used = process.cpuUsage()
  let next = setImmediate(function turn() {
    const { user, system } = process.cpuUsage(used)
    longestMs = Math.max(longestMs, (user + system) / 1_000)
    used = process.cpuUsage()
    next = setImmediate(turn)
  })
  return {
    close: () => clearImmediate(next),
    longestMs: () => longestMs,
    reset: () => {
      longestMs = 0
      used = process.cpuUsage()
    },
  }
}

test('startCollector() reads 10 MB, and what changed in it, and holds up nobody', async () => {
  const series = 50_000
  let count = 1
  const body = () => {
    const lines = Array.from(
      { length: series },
      (_, i) =>
        `response_total{direction="outbound",authority="users.shop.svc.cluster.local:80",target_addr="10.1.0.5:8080",dst_namespace="shop",dst_service="users",dst_deployment="users",dst_pod="users-${i % 50}",tls="true",server_id="users",status_code="${i}",classification="success"} ${i % 2 === 0 ? count : 5}`,
    )
    return `${lines.join('\n')}\nprocess_start_time_seconds 1\n# EOF\n`
  }
  let text = body()
  expect(text.length).toBeGreaterThan(10_000_000)
  const { port } = await serve((_, response) => response.end(text))
  const { platform, collector, deltas } = start({ timeoutMs: 60_000 })
  platform.set(instance('web-0', port))
  const turns = watchTurns()
  onTestFinished(() => turns.close())
  await vi.waitUntil(() => deltas.length > 0, 60_000)
  // Making the text is this test's own work.
  const coldMs = turns.longestMs()
  count = 3
  text = body()
  turns.reset()
  await vi.waitUntil(() => counted(deltas) > 0, 60_000)
  expect(counted(deltas)).toBe(series)
  expect(coldMs).toBeLessThan(250)
  expect(turns.longestMs()).toBeLessThan(250)
  expect(stateOf(collector, 'web-0')).toMatchObject({ state: 'up', samples: series + 1 })
}, 120_000)
