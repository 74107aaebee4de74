/** Where an identity's name comes from. */
export interface IdentitySource {
  readonly serviceAccount: string
  readonly namespace: string
  readonly controlPlaneNamespace: string
  readonly trustDomain: string
}

/**
 * The DNS-like name that a workload's certificate carries, as Linkerd spells it:
 * `web.shop.serviceaccount.identity.linkerd.cluster.local`.
 */
export function identityName(source: IdentitySource): string {
  const { serviceAccount, namespace, controlPlaneNamespace, trustDomain } = source
  return `${serviceAccount}.${namespace}.serviceaccount.identity.${controlPlaneNamespace}.${trustDomain}`
}

/** Whose name this is; `undefined` for a name of another form. Service accounts may hold dots, namespaces don't. */
export function parseIdentityName(name: string): { serviceAccount: string; namespace: string } | undefined {
  const match = /^(.+)\.([^.]+)\.serviceaccount\.identity\.[^.]+\..+$/.exec(name)
  const [, serviceAccount, namespace] = match ?? []
  return serviceAccount && namespace ? { serviceAccount, namespace } : undefined
}

/** Who may tap the proxies of a mesh, as Linkerd viz is named. */
export function tapIdentity(mesh: Pick<IdentitySource, 'controlPlaneNamespace' | 'trustDomain'>): string {
  const { controlPlaneNamespace, trustDomain } = mesh
  return identityName({ serviceAccount: 'tap', namespace: 'linkerd-viz', controlPlaneNamespace, trustDomain })
}
