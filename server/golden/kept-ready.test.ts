import { beforeEach, describe, expect, test } from 'vitest'
import type { Golden } from './golden.ts'
import { keptReady } from './kept-ready.ts'

let nowMs: number
let asked: string[]
let listeners: Set<() => void>
const answer = {} as never
const golden: Golden = {
  async ask(topic, params) {
    asked.push(`${topic}?${new URLSearchParams(params)}`)
    return answer
  },
}
const open = () =>
  keptReady(golden, {
    onRound(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    nowMs: () => nowMs,
  })
const askedInRound = (): string[] => {
  asked = []
  for (const listener of listeners) listener()
  return asked
}
beforeEach(() => {
  nowMs = 0
  asked = []
  listeners = new Set()
})

describe('keptReady()', () => {
  test('asks for a topology again in each round, for two minutes', async () => {
    const ready = open()
    await ready.ask('topology', { window: '1m' })
    await ready.ask('golden', { resource: 'ns' })
    await ready.ask('topology', { start: '1', end: '2' })
    expect(askedInRound()).toEqual(['topology?window=1m'])
    nowMs = 120_001
    expect(askedInRound()).toEqual([])
    nowMs = 0
    expect(askedInRound()).toEqual([])
  })

  test('keeps the four that were asked for last', async () => {
    const ready = open()
    for (const namespace of ['a', 'b', 'c', 'd', 'e', 'b']) await ready.ask('topology', { namespace })
    expect(askedInRound()).toEqual(['c', 'd', 'e', 'b'].map(name => `topology?namespace=${name}`))
  })

  test('asks no more after close()', async () => {
    const ready = open()
    await ready.ask('topology', {})
    ready.close()
    ready.close()
    expect(askedInRound()).toEqual([])
  })
})
