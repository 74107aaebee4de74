/** One of the meshes that the demo can run. */
export interface Demo {
  /** Starts everything; resolves to what there is to say about it. */
  start(): Promise<string>
  /** Ends everything, started or not. Safe twice. */
  stop(): Promise<void>
}
