import { type LayoutRequest, layOut } from './layout.ts'

/** What the page asks of the worker; answers carry the same number. */
export interface LayoutTask {
  readonly task: number
  readonly request: LayoutRequest
}

self.addEventListener('message', ({ data }: MessageEvent<LayoutTask>) => {
  self.postMessage({ task: data.task, points: layOut(data.request) })
})
