import { join } from 'node:path'
import { movedMesh, runDemo, temporaryDirectory } from '#e2e/support/demo.ts'

/** Runs one demo for all page tests, calm and with few visitors, which is quicker to test; returns what ends it. */
export default async function startDemo(): Promise<() => Promise<void>> {
  const directory = temporaryDirectory()
  const { file, subnet } = await movedMesh(directory.path)
  const run = runDemo([
    '--steady',
    '--visits',
    '5',
    '--mesh-file',
    file,
    '--data-dir',
    join(directory.path, 'data'),
    '--port',
    '0',
  ])
  process.env.MESHSCOPE_DEMO_ADDRESS = await run.address()
  process.env.MESHSCOPE_DEMO_SUBNET = subnet
  return async () => {
    run.interrupt()
    await run.ended
    directory.remove()
  }
}
