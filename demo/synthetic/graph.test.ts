import { describe, expect, test } from 'vitest'
import { loadManifests } from '#lib/manifests/load-manifests.ts'
import { syntheticGraph } from './graph.ts'
import { meshDocuments } from './mesh-documents.ts'

describe('syntheticGraph()', () => {
  test('gives the same mesh for the same count', () => {
    expect(syntheticGraph(300, '127.24')).toEqual(syntheticGraph(300, '127.24'))
  })

  test.each([10, 60, 1_000, 2_000])('of %i workloads has each once, and 1.8 flows for each', count => {
    const { workloads, flows } = syntheticGraph(count, '127.24')
    expect(workloads).toHaveLength(count)
    expect(new Set(workloads.map(({ ip }) => ip)).size).toBe(count)
    expect(new Set(workloads.map(({ namespace, name }) => `${namespace}/${name}`)).size).toBe(count)
    expect(flows).toHaveLength(Math.floor(count * 1.8))
    expect(new Set(flows.map(flow => `${flow.source.ip}>${flow.destination.ip}`)).size).toBe(flows.length)
    expect(flows.every(({ destination }) => destination.isMeshed)).toBe(true)
  })

  test('of 1,000 has 25 namespaces, and flows that fail, are insecure or are refused', () => {
    const { workloads, flows } = syntheticGraph(1_000, '127.24')
    expect(new Set(workloads.map(({ namespace }) => namespace)).size).toBe(25)
    const share = (some: number) => some / flows.length
    expect(share(flows.filter(flow => flow.failureRatio > 0.04).length)).toBeGreaterThan(0.01)
    expect(share(flows.filter(flow => !flow.source.isMeshed).length)).toBeGreaterThan(0.005)
    expect(share(flows.filter(flow => flow.isDenied).length)).toBeGreaterThan(0.004)
  })
})

describe('meshDocuments()', () => {
  test('is a mesh file without a problem, with every workload and who is meshed', () => {
    const graph = syntheticGraph(60, '127.24')
    const loaded = loadManifests([{ name: 'mesh.yaml', text: meshDocuments(graph) }], {
      clusterDomain: 'cluster.local',
      trustDomain: 'cluster.local',
      controlPlaneNamespace: 'linkerd',
    })
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems))
    expect(
      loaded.state.instances.map(({ namespace, workload, ip, meshed }) => ({
        namespace,
        kind: workload.kind,
        name: workload.name,
        ip,
        isMeshed: meshed,
      })),
    ).toEqual(graph.workloads)
  })
})
