import type { SelfNumber } from '#lib/api/checks.ts'

/** What the server knows of itself. */
export interface SelfFacts {
  /** How many series proxies have, and may have; `null` when it does not scrape. */
  readonly series: {
    readonly used: number
    readonly perProxy: number
    readonly total: number
    /** Proxies that are left out for it. */
    readonly refused: number
  } | null
  readonly history: 'kept' | 'off' | 'elsewhere'
  readonly disk: { readonly path: string; readonly freeBytes: number } | null
  /** Of the mesh's own authority, as far as they lie here. */
  readonly certificates: readonly { readonly name: string; readonly expiresAtMs: number }[]
  /** How far the clock moved against one that nobody sets, since the start. */
  readonly clockMovedMs: number
  readonly heap: { readonly usedBytes: number; readonly limitBytes: number }
  /** How long the event loop was held up in the last minute: 99 of 100 times at most, and at most. */
  readonly loop: { readonly p99Ms: number; readonly longestMs: number }
}

/** How the server itself does. */
export interface SelfView {
  facts(): Promise<SelfFacts>
  numbers(): Promise<readonly SelfNumber[]>
}
