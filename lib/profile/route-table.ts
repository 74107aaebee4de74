/** What became of a request's path and method under a ServiceProfile. */
export interface Route {
  /** As in the profile; empty for the default route that matches all the rest. */
  readonly name: string
  /** Become `rt_*` labels: `route` for a named route. */
  readonly labels: Readonly<Record<string, string>>
  readonly isRetryable: boolean
  readonly timeoutMs: number | null
  /** Whether a response counts as a failure; `null`: no class says, the rule for its status decides. */
  isFailure(status: number): boolean | null
}

/** The routes of one service, compiled. */
export interface RouteTable {
  /** FQDN and port, as the `dst` label prints it. */
  readonly authority: string
  /** The first route that matches, else the default one. `path` is without its query. */
  match(method: string, path: string): Route
}
