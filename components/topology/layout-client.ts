import type { LayoutRequest, Point } from './layout.ts'
import type { LayoutDone, LayoutTask } from './layout-worker.ts'

/** Lays graphs out on a thread of its own. */
export interface LayoutClient {
  /** Hands the places to `done`, unless something newer was asked meanwhile. */
  ask(request: LayoutRequest, done: (points: readonly Point[]) => void): void
  /** What was asked before is not waited for any more. */
  forget(): void
  close(): void
}

const startThread = (): Worker =>
  new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' })

let started: Worker | null = null

/** Starts a thread that the next client takes: it takes a while, and can do so while the graph is still on its way. */
export function startLayoutThread(): void {
  started ??= startThread()
}

/** A layout that was asked for before there was anybody to show it. */
interface Ahead {
  readonly request: string
  points: readonly Point[] | null
  done: ((points: readonly Point[]) => void) | null
}

let ahead: Ahead | null = null
/** Tasks of clients have numbers from 1 on. */
let aheadTask = 0

/** Lays out what will be asked for; only the last one is kept, and only until there is a client that asks for another. */
export function layOutAhead(request: LayoutRequest): void {
  if (started === null) return
  const worker = started
  const task = --aheadTask
  const asked: Ahead = { request: JSON.stringify(request), points: null, done: null }
  ahead = asked
  const take = ({ data }: MessageEvent<LayoutDone>): void => {
    if (data.task !== task) return
    worker.removeEventListener('message', take)
    asked.points = data.points
    asked.done?.(data.points)
  }
  worker.addEventListener('message', take)
  worker.postMessage({ task, request } satisfies LayoutTask)
}

/** The places that `layOutAhead()` found for exactly this request; `null` while they are not there. */
export function laidOutAhead(request: LayoutRequest): readonly Point[] | null {
  return ahead?.points != null && ahead.request === JSON.stringify(request) ? ahead.points : null
}

/** A thread for layouts. It ends with `close()`, and then answers nothing more. */
export function openLayoutClient(failed: (message: string) => void): LayoutClient {
  const worker = started ?? startThread()
  let early = started === null ? null : ahead
  started = null
  ahead = null
  let task = 0
  let waiting: ((points: readonly Point[]) => void) | null = null
  const take = (points: readonly Point[]): void => {
    waiting?.(points)
    waiting = null
  }
  worker.addEventListener('message', ({ data }: MessageEvent<LayoutDone>) => {
    if (data.task === task) take(data.points)
  })
  worker.addEventListener('error', event => failed(event.message))
  return {
    ask(request, done) {
      waiting = done
      const mine = ++task
      if (early?.request === JSON.stringify(request)) {
        if (early.points !== null) return take(early.points)
        early.done = points => {
          if (task === mine) take(points)
        }
        return
      }
      early = null
      worker.postMessage({ task, request } satisfies LayoutTask)
    },
    forget() {
      task++
      waiting = null
    },
    close() {
      waiting = null
      worker.terminate()
    },
  }
}
