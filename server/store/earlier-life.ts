/** What an instance's exposition was when it was last counted. */
export interface Baseline {
  /** When that scrape ended, in Unix milliseconds. */
  readonly endMs: number
  readonly exposition: Uint8Array
}

/** Where an earlier process left off counting, so that this one can go on from there. */
export interface EarlierLife {
  /** Until when it counted, in Unix milliseconds: a proxy that started later was never counted. `null`: there was none. */
  readonly countedUntilMs: number | null
  /** Where it left off with an instance; `null` when it never scraped it. Each is given once. */
  takeBaseline(namespace: string, pod: string): Promise<Baseline | null>
}
