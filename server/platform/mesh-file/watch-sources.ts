import { watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { fingerprint } from './sources.ts'

/**
 * Calls `onChange` after each change at `path`, once it has been quiet for `debounceMs`, never twice at a time. Edits
 * by rename, by truncation, and files that come and go in a folder are all seen, by the system's events; what these miss
 * (links that lead elsewhere, network and overlay file systems), by a look every `lookEveryMs`.
 */
export async function watchSources(
  path: string,
  { debounceMs, lookEveryMs }: { readonly debounceMs: number; readonly lookEveryMs: number },
  onChange: () => Promise<void>,
): Promise<{ close(): Promise<void> }> {
  let seen = await fingerprint(path)
  let closed = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let looking: Promise<void> = Promise.resolve()
  const watcher = await startWatcher(path, () => schedule(0))
  schedule(lookEveryMs)

  function schedule(afterMs: number): void {
    if (closed) return
    clearTimeout(timer)
    timer = setTimeout(() => {
      looking = looking.then(look)
    }, afterMs).unref()
  }

  async function look(): Promise<void> {
    if (closed) return
    const now = await fingerprint(path)
    if (now !== seen) {
      await settle(now)
      if (!closed) await onChange()
    }
    schedule(lookEveryMs)
  }

  async function settle(first: string): Promise<void> {
    for (let now = first; !closed && now !== seen; now = await fingerprint(path)) {
      seen = now
      await new Promise(resolve => {
        setTimeout(resolve, debounceMs)
      })
    }
  }

  return {
    async close() {
      closed = true
      clearTimeout(timer)
      watcher?.close()
      await looking
    },
  }
}

/** Watches the folder, not the file: an editor that renames puts another file in its place. */
async function startWatcher(path: string, onEvent: () => void): Promise<{ close(): void } | undefined> {
  try {
    const folder = (await stat(path)).isDirectory() ? path : dirname(path)
    const watcher = watch(folder, { persistent: false }, onEvent)
    watcher.on('error', () => watcher.close())
    return watcher
  } catch {
    // Without events, to look now and then is enough.
    return undefined
  }
}
