import { Gauge, Histogram, type Registry } from 'prom-client'
import type { Log } from '#server/log.ts'
import type { History } from './history.ts'

export interface FlushingOptions {
  readonly history: Pick<History, 'flush' | 'problem'>
  readonly intervalMs: number
  readonly registry: Registry
  readonly log: Log
  /** Unix milliseconds. */
  readonly now: () => number
}

/** After the end of a slot, so that nearly all of it is written at once. */
const afterSlotMs = 50
/** A flush that takes long is done less often, so that all take a sixth of the time at most; yet once a minute. */
const restRatio = 5
const maxRestMs = 60_000

/** Writes the history again and again until it is closed, and logs when that begins to fail and when it works again. */
export function startFlushing(options: FlushingOptions): { close(): Promise<void> } {
  const { history, intervalMs, registry, log, now } = options
  const registers = [registry]
  const seconds = new Histogram({
    name: 'meshscope_history_flush_seconds',
    help: 'How long it took to write what was counted since the last time',
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 20],
    registers,
  })
  const up = new Gauge({
    name: 'meshscope_history_up',
    help: '1 when the newest flush was written, 0 when it waits for the disk or the file',
    registers,
  })
  let problem: string | null = null
  let timer: ReturnType<typeof setTimeout> | undefined
  let running: Promise<void> = Promise.resolve()
  let isClosed = false

  const tell = (): void => {
    up.set(history.problem === null ? 1 : 0)
    if (history.problem === problem) return
    problem = history.problem
    if (problem === null) log.info('history is written again')
    else log.error('history waits', { problem })
  }
  const flush = async (): Promise<void> => {
    const startMs = performance.now()
    await history.flush()
    const tookMs = performance.now() - startMs
    seconds.observe(tookMs / 1_000)
    tell()
    plan(Math.min(tookMs * restRatio, maxRestMs))
  }
  const plan = (restMs: number): void => {
    if (isClosed) return
    const atMs = now()
    const untilMs = Math.max(intervalMs - (atMs % intervalMs), restMs)
    timer = setTimeout(() => {
      running = flush()
    }, untilMs + afterSlotMs)
  }
  tell()
  plan(0)
  return {
    async close() {
      isClosed = true
      clearTimeout(timer)
      await running
    },
  }
}
