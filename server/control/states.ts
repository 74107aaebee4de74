import type { MeshState } from '#lib/resources/mesh-state.ts'
import type { Platform } from '#server/platform/platform.ts'

/**
 * The mesh's state now, and again after each change, until `signal` aborts: then it throws the abort's reason. A reader
 * that is slow gets the newest state and not those between.
 */
export async function* states(platform: Platform, signal: AbortSignal): AsyncGenerator<MeshState, void> {
  let wake = (): void => {}
  const stop = platform.subscribe(() => wake())
  // A reader that never comes back for more must not keep its place among the listeners.
  const onAbort = (): void => {
    stop()
    wake()
  }
  signal.addEventListener('abort', onAbort)
  try {
    let sent: MeshState | undefined
    while (!signal.aborted) {
      const state = platform.current()
      if (state !== sent) {
        sent = state
        yield state
        continue
      }
      await new Promise<void>(resolve => {
        wake = resolve
      })
    }
    signal.throwIfAborted()
  } finally {
    stop()
    signal.removeEventListener('abort', onAbort)
  }
}
