import { expect, test, vi } from 'vitest'
import { testInstance } from '#lib/resources/test-state.ts'
import { PodWatch } from './pod-watch.ts'

test('PodWatch.mayHear is true from the first attempt to connect on, but for the rest between attempts', async () => {
  const attempts: ((error: Error) => void)[] = []
  const watch = new PodWatch({
    instance: testInstance('web-0', 'web', '127.77.31.2'),
    connect: () => new Promise((_, reject) => void attempts.push(reject)),
    nextRequest: () => null,
    now: () => 0,
    onBegin: () => {},
    onLost: () => {},
    onUnwatched: () => {},
  })
  try {
    expect(watch.mayHear).toBe(true)
    attempts[0]?.(new Error('refused'))
    await vi.waitFor(() => expect(watch.state.kind).toBe('failed'))
    expect(watch.mayHear).toBe(false)
    await vi.waitFor(() => expect(attempts).toHaveLength(2), { timeout: 10_000 })
    expect(watch.state.kind).toBe('failed')
    expect(watch.mayHear).toBe(true)
  } finally {
    watch.close()
  }
})
