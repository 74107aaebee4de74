import type { Socket as NetSocket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Client, listen, subscribe, TestLive, until } from './test-live.ts'

let live: TestLive
beforeEach(async () => {
  live = await TestLive.start()
})
afterEach(() => live.close())

describe('startLive()', () => {
  test('spares a client that does not read, and tells it how much it missed', async () => {
    const bulk = 'x'.repeat(1_000_000)
    let n = 0
    const span = { start: '', end: '', stepSeconds: 5 }
    const coverage = { expected: 0, answered: 0, oldestSampleAt: null, missing: [] }
    live.golden = {
      ask: async () => ({ span, coverage, rows: [{ id: 'a', name: `${n++}${bulk}` }] }) as never,
    }
    const client = live.connect()
    const heard = listen(client)
    await subscribe(client, 'workloads', {})
    await until(() => expect(heard.snapshots).toHaveLength(1))

    const wire = netSocketOf(client)
    wire.pause()
    const rounds = 200
    for (let round = 0; round < rounds; round++) {
      const before = n
      live.mesh.endRound()
      await expect.poll(() => n, { interval: 1 }).toBeGreaterThan(before)
    }
    const skipped = (await live.registry.getSingleMetric('meshscope_live_skipped_updates_total')?.get())
      ?.values[0]?.value
    expect(skipped).toBeGreaterThan(rounds / 2)

    wire.resume()
    // The machine's buffers may give it room once in between: then it is told in parts.
    const told = () => heard.lagged.reduce((sum, message) => sum + message.skipped, 0)
    await expect
      .poll(
        () => {
          live.mesh.endRound()
          return told()
        },
        { timeout: 20_000 },
      )
      .toBeGreaterThanOrEqual(skipped ?? 0)
    await until(() => expect(heard.snapshots.length).toBeGreaterThan(1))
    expect(heard.updates.length).toBeLessThan(rounds / 2)
  }, 60_000)
})

/** The connection below a client, to stop reading from it. */
function netSocketOf(client: Client): NetSocket {
  const { transport } = client.io.engine
  const { ws } = transport as unknown as { ws: { _socket: NetSocket } }
  return ws._socket
}
