/** A ServiceProfile (linkerd.io/v1alpha2) as the mesh holds it: parsed, with defaults unfilled. */
export interface ServiceProfile {
  /** Where the object lies; a client's own namespace goes before the server's. */
  readonly namespace: string
  /** The FQDN of the service it describes: `users.shop.svc.cluster.local`. */
  readonly name: string
  readonly routes: readonly ProfileRoute[]
  readonly retryBudget: RetryBudget | null
  readonly dstOverrides: readonly WeightedAuthority[]
  readonly opaquePorts: readonly number[]
}

export interface ProfileRoute {
  readonly name: string
  readonly condition: RequestCondition
  readonly isRetryable: boolean
  readonly timeoutMs: number | null
  readonly responseClasses: readonly ResponseClass[]
}

/** Every field that is present must hold. */
export interface RequestCondition {
  readonly pathRegex?: string
  readonly method?: string
  readonly all?: readonly RequestCondition[]
  readonly any?: readonly RequestCondition[]
  readonly not?: RequestCondition
}

export interface ResponseClass {
  readonly condition: ResponseCondition
  readonly isFailure: boolean
}

/** Every field that is present must hold. */
export interface ResponseCondition {
  readonly status?: { readonly min: number; readonly max: number }
  readonly all?: readonly ResponseCondition[]
  readonly any?: readonly ResponseCondition[]
  readonly not?: ResponseCondition
}

export interface RetryBudget {
  /** Retries allowed per request, 0 or more. */
  readonly retryRatio: number
  readonly minRetriesPerSecond: number
  readonly ttlMs: number
}

export interface WeightedAuthority {
  /** FQDN and port: `users-v2.shop.svc.cluster.local:80`. */
  readonly authority: string
  readonly weight: number
}
