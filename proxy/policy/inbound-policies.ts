import type { ServerPolicy } from '#lib/policy/server-policy.ts'

/** Policies of this instance's own ports, kept up to date by the control plane. */
export interface InboundPolicies {
  /** The port's policy now; the default policy until the control plane has answered. Watches the port from then on. */
  forPort(port: number): ServerPolicy
  /** Calls back when a port's policy changed. Returns the way to stop. */
  subscribe(listener: (port: number) => void): () => void
  close(): Promise<void>
}
