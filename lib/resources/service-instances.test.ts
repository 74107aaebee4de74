import { describe, expect, test } from 'vitest'
import { defaultProxyPorts, type Instance, type MeshState, type Service } from './mesh-state.ts'
import { noPolicyObjects } from './policy-objects.ts'
import { serviceInstances, targetPort } from './service-instances.ts'

function instance(name: string, changes: Partial<Instance> = {}): Instance {
  return {
    namespace: 'shop',
    name,
    ip: '127.18.0.1',
    workload: { namespace: 'shop', kind: 'pod', name },
    serviceAccount: 'default',
    labels: { app: 'web' },
    annotations: {},
    meshed: false,
    identity: null,
    controlPlaneNamespace: null,
    zone: null,
    ports: [{ name: 'http', port: 8080 }],
    proxyPorts: defaultProxyPorts,
    ...changes,
  }
}

function service(changes: Partial<Service> = {}): Service {
  return {
    namespace: 'shop',
    name: 'web',
    clusterIp: null,
    selector: { app: 'web' },
    ports: [
      { name: null, port: 80, targetPort: 'http' },
      { name: null, port: 81, targetPort: 9000 },
      { name: null, port: 82, targetPort: 'grpc' },
    ],
    annotations: {},
    ...changes,
  }
}

function state(...instances: Instance[]): MeshState {
  return {
    revision: 1,
    trustDomain: 'cluster.local',
    clusterDomain: 'cluster.local',
    controlPlaneNamespace: 'linkerd',
    namespaces: [],
    services: [],
    instances,
    profiles: [],
    splits: [],
    policies: noPolicyObjects,
  }
}

describe('serviceInstances()', () => {
  test('selects by label within the namespace, those with an address', () => {
    const mesh = state(
      instance('one'),
      instance('other', { labels: { app: 'api' } }),
      instance('elsewhere', { namespace: 'batch' }),
      instance('starting', { ip: '' }),
    )
    expect(serviceInstances(mesh, service()).map(({ name }) => name)).toEqual(['one'])
    expect(serviceInstances(mesh, service({ selector: {} }))).toEqual([])
  })
})

describe('targetPort()', () => {
  test('follows numbers and names, and takes a port nobody lists as it is', () => {
    expect(targetPort(service(), 80, instance('one'))).toBe(8080)
    expect(targetPort(service(), 81, instance('one'))).toBe(9000)
    expect(targetPort(service(), 82, instance('one'))).toBeUndefined()
    expect(targetPort(service(), 4191, instance('one'))).toBe(4191)
  })
})
