import { type FSWatcher, watch } from 'node:fs'
import { basename, dirname } from 'node:path'
import type { MeshState } from '#lib/resources/mesh-state.ts'
import { readMesh } from './read-mesh.ts'

const settleMs = 150

/**
 * Hands on each new state of the mesh file, one after the other. A file that cannot be read changes nothing: the
 * server says what is wrong with it. `problem` takes what went wrong with handing on.
 */
export function followMesh(
  file: string,
  apply: (state: MeshState) => Promise<void>,
  problem: (error: Error) => void,
): { close(): void } {
  let timer: NodeJS.Timeout | undefined
  let work = Promise.resolve()
  let isClosed = false
  const report = (error: Error) => {
    if (!isClosed) problem(error)
  }
  const read = () => {
    work = work.then(async () => {
      const state = await readMesh(file).catch(() => null)
      if (state && !isClosed) await apply(state).catch(report)
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
