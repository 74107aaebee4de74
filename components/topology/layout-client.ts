import type { LayoutRequest, Point } from './layout.ts'
import type { LayoutTask } from './layout-worker.ts'

/** Lays graphs out on a thread of its own. */
export interface LayoutClient {
  /** Hands the places to `done`, unless something newer was asked meanwhile. */
  ask(request: LayoutRequest, done: (points: readonly Point[]) => void): void
  close(): void
}

const startThread = (): Worker =>
  new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' })

/** A thread takes a while to start: the first one does so while the graph is still on its way. */
let started: Worker | null = typeof Worker === 'undefined' ? null : startThread()

/** A thread for layouts. It ends with `close()`, and then answers nothing more. */
export function openLayoutClient(failed: (message: string) => void): LayoutClient {
  const worker = started ?? startThread()
  started = null
  let task = 0
  let waiting: ((points: readonly Point[]) => void) | null = null
  worker.addEventListener('message', ({ data }: MessageEvent<{ task: number; points: readonly Point[] }>) => {
    if (data.task !== task) return
    waiting?.(data.points)
    waiting = null
  })
  worker.addEventListener('error', event => failed(event.message))
  return {
    ask(request, done) {
      waiting = done
      worker.postMessage({ task: ++task, request } satisfies LayoutTask)
    },
    close() {
      waiting = null
      worker.terminate()
    },
  }
}
