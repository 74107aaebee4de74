import { type LayoutRequest, layOut, type Point } from './layout.ts'

/** What the page asks of the worker. */
export interface LayoutTask {
  readonly task: number
  readonly request: LayoutRequest
}

/** What the worker answers: the number of the task, and its places. */
export interface LayoutDone {
  readonly task: number
  readonly points: readonly Point[]
}

self.addEventListener('message', ({ data }: MessageEvent<LayoutTask>) => {
  const done: LayoutDone = { task: data.task, points: layOut(data.request) }
  self.postMessage(done)
})
