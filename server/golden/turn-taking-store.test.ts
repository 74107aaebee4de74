import { expect, test } from 'vitest'
import { createMemoryStore } from '#server/store/memory/memory-store.ts'
import type { Answer, Store } from '#server/store/store.ts'
import { turnTaking } from './turn-taking-store.ts'

const question = { by: [], where: { view: 'inbound' }, range: { startMs: 0, endMs: 10_000 } } as const

test('turnTaking() lets others have their turn between long sums, and not between short ones', async () => {
  for (const [takesMs, expected] of [
    [20, ['sum', 'other', 'sum']],
    [1, ['sum', 'sum', 'other']],
  ] as const) {
    const events: string[] = []
    let atMs = 0
    const slow: Store = Object.assign(createMemoryStore({ intervalMs: 5_000 }), {
      async sum(): Promise<Answer> {
        events.push('sum')
        atMs += takesMs
        return { range: question.range, stepSeconds: 5, rows: [], coverage: [] }
      },
    })
    const store = turnTaking(slow, () => atMs)
    const other = new Promise<void>(resolve => {
      setImmediate(() => {
        events.push('other')
        resolve()
      })
    })
    await Promise.all([store.sum(question), store.sum(question), other])
    expect(events).toEqual(expected)
  }
})

test('turnTaking() goes on after a sum that failed', async () => {
  const store = turnTaking(createMemoryStore({ intervalMs: 5_000 }), () => 0)
  const failing = store.sum({ ...question, stepSeconds: -1 })
  const next = store.sum(question)
  await expect(failing).rejects.toThrow(RangeError)
  expect((await next).rows).toEqual([])
})
