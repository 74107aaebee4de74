/** A TrafficSplit (split.smi-spec.io): what is asked of `service` goes to `backends` by weight. */
export interface TrafficSplit {
  readonly namespace: string
  readonly name: string
  /** Name of the service that callers ask for, of the split's own namespace. */
  readonly service: string
  readonly backends: readonly SplitBackend[]
}

interface SplitBackend {
  readonly service: string
  /** 0 or more; only its share of the sum matters (`900m` is 0.9). */
  readonly weight: number
}
