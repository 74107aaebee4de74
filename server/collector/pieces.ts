import { nextTurn } from '#server/next-turn.ts'

/** Long work, told in steps: whoever runs it may pause between them. */
export type Steps<T> = Generator<void, T, void>

/** How long other work may have to wait for a piece. */
const pieceMs = 5

/** What the work gives, done in one go. */
export function allAtOnce<T>(work: Steps<T>): T {
  for (;;) {
    const step = work.next()
    if (step.done) return step.value
  }
}

/**
 * Does long work a piece at a time, so that it holds up nothing else. Work that is shorter than a piece is done at once;
 * of all longer work together, one piece is done in each turn of the event loop.
 */
export class Pieces {
  #lastTurn: Promise<void> = Promise.resolve()

  /** What the work gives; rejects with what it throws, and with the signal's reason when that is aborted between pieces. */
  async run<T>(work: Steps<T>, signal: AbortSignal): Promise<T> {
    for (;;) {
      const step = onePiece(work)
      if (step.done) return step.value
      this.#lastTurn = this.#lastTurn.then(nextTurn)
      await this.#lastTurn
      signal.throwIfAborted()
    }
  }
}

function onePiece<T>(work: Steps<T>): IteratorResult<void, T> {
  const endMs = performance.now() + pieceMs
  for (;;) {
    const step = work.next()
    if (step.done || performance.now() >= endMs) return step
  }
}
