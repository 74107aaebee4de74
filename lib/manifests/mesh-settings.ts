/** What manifests don't say of the mesh they describe. */
export interface MeshSettings {
  /** `cluster.local`, in services' names. */
  readonly clusterDomain: string
  /** `cluster.local`, in identities. */
  readonly trustDomain: string
  /** `linkerd` */
  readonly controlPlaneNamespace: string
}
