import type { Topic } from '#lib/api/endpoints.ts'
import type { Golden } from './golden.ts'

export interface KeptReadyOptions {
  /** Calls back after each round of scrapes. Returns the way to stop. */
  readonly onRound: (listener: () => void) => () => void
  /** In milliseconds, of any beginning. */
  readonly nowMs: () => number
}

/** Answers that take long to make, and are kept for as long as their numbers are the newest. */
const costly: ReadonlySet<Topic> = new Set<Topic>(['topology'])
const mostReady = 4
const readyForMs = 120_000

/**
 * The same answers. One that takes long is made again after each round, for two minutes after somebody asked for it last:
 * whoever asks next finds it there. Of more than four questions the oldest are let go.
 */
export function keptReady(golden: Golden, { onRound, nowMs }: KeptReadyOptions): Golden & { close(): void } {
  const asked = new Map<string, { readonly again: () => Promise<unknown>; readonly atMs: number }>()
  const stop = onRound(() => {
    for (const [name, { again, atMs }] of asked) {
      if (nowMs() - atMs > readyForMs) asked.delete(name)
      // Whoever asks for what cannot be answered is told so.
      else again().catch(() => {})
    }
  })
  return {
    ask(topic, params) {
      // A range that is over is not asked for again and again.
      if (costly.has(topic) && params.start === undefined) {
        const query = new URLSearchParams(params)
        query.sort()
        const name = `${topic}?${query}`
        asked.delete(name)
        asked.set(name, { again: () => golden.ask(topic, params), atMs: nowMs() })
        for (const oldest of asked.keys()) {
          if (asked.size <= mostReady) break
          asked.delete(oldest)
        }
      }
      return golden.ask(topic, params)
    },
    close: stop,
  }
}
