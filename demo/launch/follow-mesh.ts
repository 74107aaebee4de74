import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import { readMesh } from './read-mesh.ts'

const settleMs = 150

export interface MeshFollower {
  /** Takes each new state, one after the other. */
  apply(state: MeshState): Promise<void>
  /** Told what is wrong with the file, once for each thing that changes: until it is mended, nothing is handed on. */
  refused(error: Error): void
  mended(): void
  /** Told what went wrong with handing on, or with watching. */
  failed(error: Error): void
}

/** Reads the mesh file whenever it changes, for a follower. */
export function followMesh(file: string, follower: MeshFollower): { close(): void } {
  let timer: NodeJS.Timeout | undefined
  let work = Promise.resolve()
  let isClosed = false
  let refusal: string | null = null
  const report = (error: Error) => {
    if (!isClosed) follower.failed(error)
  }
  const refuse = (error: Error): null => {
    if (!isClosed && error.message !== refusal) follower.refused(error)
    refusal = error.message
    return null
  }
  const read = () => {
    work = work.then(async () => {
      const state = await readMesh(file).catch(refuse)
      if (!state || isClosed) return
      if (refusal !== null) follower.mended()
      refusal = null
      await follower.apply(state).catch(report)
    })
  }
  // An editor may replace the file: its folder stays.
  const watcher: FSWatcher = watch(dirname(file), (_, name) => {
    if (name !== null && name !== basename(file)) return
    clearTimeout(timer)
    timer = setTimeout(read, settleMs)
  })
  watcher.on('error', report)
  return {
    close: () => {
      isClosed = true
      clearTimeout(timer)
      watcher.close()
    },
  }
}
