import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openMeshFile } from '#server/platform/mesh-file/mesh-file.ts'
import { startTestControl } from './test-control.ts'
import { mesh, webPod } from './test-mesh.ts'

const object = (kind: string, version: string, spec: string): string =>
  `apiVersion: policy.linkerd.io/${version}\nkind: ${kind}\nmetadata: { name: one, namespace: shop }\nspec: ${spec}\n`

const server = object('Server', 'v1beta3', '{ podSelector: { matchLabels: { app: web } }, port: http }')
const targetRef = '{ group: policy.linkerd.io, kind: Server, name: one }'
const authorization = object(
  'AuthorizationPolicy',
  'v1alpha1',
  `{ targetRef: ${targetRef}, requiredAuthenticationRefs: [] }`,
)
const rateLimit = object(
  'HTTPLocalRateLimitPolicy',
  'v1alpha1',
  `{ targetRef: ${targetRef}, total: { requestsPerSecond: 9 } }`,
)

/** What the control plane says of a mesh with these documents. */
async function saidOf(...documents: string[]): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'meshscope-control-'))
  const path = join(folder, 'mesh.yaml')
  await writeFile(path, mesh(webPod(1, 'a'), ...documents))
  const opened = await openMeshFile({
    path,
    clusterDomain: 'cluster.local',
    trustDomain: 'cluster.local',
    controlPlaneNamespace: 'linkerd',
  })
  if ('problems' in opened) throw new Error(opened.problems.join('\n'))
  const said: string[] = []
  const control = await startTestControl(opened.platform, { log: (_, message) => said.push(message) })
  await control.close()
  await opened.platform.close()
  await rm(folder, { recursive: true })
  return said
}

test('startControl() warns of the kinds of policy that decide nothing, and of no other', async () => {
  expect(await saidOf(server, authorization)).toEqual([])
  expect(await saidOf(server, rateLimit)).toEqual([
    expect.stringContaining('kind HTTPLocalRateLimitPolicy are read but not enforced'),
  ])
})
