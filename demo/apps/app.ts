import type { RequestListener } from 'node:http'

/** Where one sample app runs, and how it reaches the others. */
export interface AppPlace {
  /** Which app: the pod's `app` label. */
  readonly app: string
  readonly pod: string
  /** The instance's own address: what it calls from when it has no proxy. */
  readonly ip: string
  readonly listenHost: string
  /** `null`: serves nothing. */
  readonly listenPort: number | null
  /** Its proxy's outbound address; `null`: not meshed. */
  readonly outbound: { readonly host: string; readonly port: number } | null
  /** Addresses of other apps' proxies, by app, for callers without a proxy of their own. */
  readonly direct: Readonly<Record<string, { readonly host: string; readonly port: number }>>
}

/** What an app does: answers requests, sends some of its own, or both. */
interface App {
  readonly serve?: RequestListener
  /** Begins to send; the function it returns ends that. */
  start?(): () => void
}

export type MakeApp = (place: AppPlace) => App
