import { expect, test } from 'vitest'
import { createTestMesh } from '#server/golden/test-mesh.ts'
import { scrapeTargets } from './service-discovery.ts'

test('scrapeTargets() names every proxy with the labels that Linkerd gives it, and no pod without one', () => {
  const state = createTestMesh().platform.current()
  const found = scrapeTargets(state)
  expect(found).toHaveLength(4)
  expect(found[0]).toEqual({
    targets: ['127.18.0.2:4191'],
    labels: { app: 'web', control_plane_ns: 'linkerd', deployment: 'web', namespace: 'shop', pod: 'web-0' },
  })
})

test('scrapeTargets() spells labels as Prometheus allows, and jobs as Linkerd does', () => {
  const state = createTestMesh().platform.current()
  const [web] = state.instances
  const changed = {
    ...web!,
    ip: '::1',
    workload: { namespace: 'shop', kind: 'job', name: 'nightly' } as const,
    labels: { 'app.kubernetes.io/name': 'web', '1st': 'yes', 'linkerd.io/proxy-job': 'nightly', job: 'mine' },
  }
  expect(scrapeTargets({ ...state, instances: [changed] })).toEqual([
    {
      targets: ['[::1]:4191'],
      labels: {
        app_kubernetes_io_name: 'web',
        label_1st: 'yes',
        control_plane_ns: 'linkerd',
        k8s_job: 'nightly',
        namespace: 'shop',
        pod: 'web-0',
      },
    },
  ])
})
