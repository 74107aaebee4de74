import type { MeshState } from '#lib/resources/mesh-state.ts'

/** What runs in the mesh, from a mesh file or a cluster. */
export interface Platform {
  /** The newest good state; a refused change leaves it as it was. */
  current(): MeshState
  /** Why the newest input was refused; `null` when the state is up to date with its source. */
  problem(): string | null
  /** Calls back after each change of state or problem. Returns the way to stop. */
  subscribe(listener: () => void): () => void
  close(): Promise<void>
}
