import { readFile } from 'node:fs/promises'
import { loadManifests } from '#lib/manifests/load-manifests.ts'
import { formatProblem } from '#lib/manifests/problem.ts'
import type { MeshState } from '#lib/resources/mesh-state.ts'

/** The mesh that a file describes; throws with a line for each thing that is wrong with it. */
export async function readMesh(file: string): Promise<MeshState> {
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new Error(`Cannot read mesh file ${file}: ${error.message}`, { cause: error })
  })
  const loaded = loadManifests([{ name: file, text }], {
    clusterDomain: 'cluster.local',
    trustDomain: 'cluster.local',
    controlPlaneNamespace: 'linkerd',
  })
  if ('problems' in loaded) throw new Error(loaded.problems.map(formatProblem).join('\n'))
  return { ...loaded.state, revision: 1 }
}
