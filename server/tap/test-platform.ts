import type { Instance, MeshState } from '#lib/resources/mesh-state.ts'
import type { Platform } from '#server/platform/platform.ts'

/** A platform whose instances a test changes. */
export interface TestPlatform extends Platform {
  set(instances: readonly Instance[]): void
}

export function testPlatform(instances: readonly Instance[]): TestPlatform {
  const listeners = new Set<() => void>()
  let state: MeshState = {
    revision: 1,
    trustDomain: 'cluster.local',
    clusterDomain: 'cluster.local',
    controlPlaneNamespace: 'linkerd',
    namespaces: [{ name: 'shop', annotations: {} }],
    services: [],
    instances,
    profiles: [],
    splits: [],
    policies: {
      servers: [],
      serverAuthorizations: [],
      authorizationPolicies: [],
      meshTlsAuthentications: [],
      networkAuthentications: [],
      httpRoutes: [],
      rateLimits: [],
    },
  }
  return {
    current: () => state,
    problem: () => null,
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set(changed) {
      state = { ...state, revision: state.revision + 1, instances: changed }
      for (const listener of listeners) listener()
    },
    close: () => Promise.resolve(),
  }
}

/** A pod of deployment `app` in namespace shop. */
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
    proxyPorts: { inbound: 4143, outbound: 4140, control: 0, admin: 4191 },
    ...change,
  }
}
