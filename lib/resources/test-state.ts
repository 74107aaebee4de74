import { defaultProxyPorts, type Instance, type MeshState } from './mesh-state.ts'
import { noPolicyObjects } from './policy-objects.ts'

/** A meshed pod of deployment `app` in namespace shop. */
export function testInstance(
  name: string,
  app: string,
  ip: string,
  change: Partial<Instance> = {},
): Instance {
  return {
    namespace: 'shop',
    name,
    ip,
    workload: { namespace: 'shop', kind: 'deployment', name: app },
    serviceAccount: app,
    labels: { app },
    annotations: {},
    meshed: true,
    identity: `${app}.shop.serviceaccount.identity.linkerd.cluster.local`,
    controlPlaneNamespace: 'linkerd',
    zone: null,
    ports: [{ name: 'http', port: 8080 }],
    proxyPorts: defaultProxyPorts,
    ...change,
  }
}

/** A mesh of namespace shop that has these pods and nothing else. */
export function testState(instances: readonly Instance[]): MeshState {
  return {
    revision: 1,
    trustDomain: 'cluster.local',
    clusterDomain: 'cluster.local',
    controlPlaneNamespace: 'linkerd',
    namespaces: [{ name: 'shop', annotations: {} }],
    services: [],
    instances,
    profiles: [],
    splits: [],
    policies: noPolicyObjects,
  }
}
