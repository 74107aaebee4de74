import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { appHost } from '#demo/launch/apps.ts'
import { Mesh, type MeshPlan } from '#demo/launch/mesh.ts'
import { readMesh } from '#demo/launch/read-mesh.ts'
import type { Instance } from '#lib/resources/mesh-state.ts'
import { freeSubnet } from './addresses.ts'
import { type MeshSpec, meshYaml } from './mesh-yaml.ts'

export interface TestMesh {
  readonly mesh: Mesh
  readonly meshFile: string
  instance(name: string): Instance
  /** Serves an instance's app port. */
  serve(name: string, listener: RequestListener): Promise<void>
  /** Stops everything and removes what it left on disk. */
  close(): Promise<void>
}

type PlanChanges = Partial<Pick<MeshPlan, 'controlArgs' | 'serverArgs' | 'proxyEnv' | 'onLost'>>

/**
 * A mesh of its own for one test file, on free addresses; nothing of it runs yet. A plan may depend on the folder of
 * all that the mesh leaves on disk.
 */
export async function makeTestMesh(
  spec: Omit<MeshSpec, 'subnet'>,
  plan: PlanChanges | ((directory: string) => PlanChanges) = {},
): Promise<TestMesh> {
  const directory = mkdtempSync(join(tmpdir(), 'meshscope-test-'))
  const meshFile = join(directory, 'mesh.yaml')
  writeFileSync(meshFile, meshYaml({ ...spec, subnet: await freeSubnet() }))
  const state = await readMesh(meshFile)
  const mesh = new Mesh({
    mesh: state,
    meshFile,
    dataDirectory: join(directory, 'data'),
    apps: false,
    serverArgs: ['--scrape-interval', '1s'],
    ...(typeof plan === 'function' ? plan(directory) : plan),
  })
  const servers: Server[] = []
  const instance = (name: string) => {
    const found = state.instances.find(candidate => candidate.name === name)
    if (!found) throw new Error(`The test mesh has no pod ${name}`)
    return found
  }
  return {
    mesh,
    meshFile,
    instance,
    serve: async (name, listener) => {
      const server = createServer({ keepAliveTimeout: 60_000 }, listener)
      await new Promise<void>((done, fail) => {
        server.once('error', fail)
        server.listen(8080, appHost(instance(name).ip), done)
      })
      servers.push(server)
    },
    close: async () => {
      await mesh.stop()
      for (const server of servers) {
        server.close()
        server.closeAllConnections()
      }
      rmSync(directory, { recursive: true, force: true })
    },
  }
}
