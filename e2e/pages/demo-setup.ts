import { join } from 'node:path'
import { movedMesh, runDemo, temporaryDirectory } from '#e2e/support/demo.ts'

/** Runs one demo for all page tests, without its story so that numbers are calm; returns what ends it. */
export default async function startDemo(): Promise<() => Promise<void>> {
  const directory = temporaryDirectory()
  const { file } = await movedMesh(directory.path)
  const run = runDemo([
    '--steady',
    '--mesh-file',
    file,
    '--data-dir',
    join(directory.path, 'data'),
    '--port',
    '0',
  ])
  process.env.MESHSCOPE_DEMO_ADDRESS = await run.address()
  return async () => {
    run.interrupt()
    await run.ended
    directory.remove()
  }
}
