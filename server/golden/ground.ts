import type { Markers } from '#server/markers/markers.ts'
import type { Platform } from '#server/platform/platform.ts'
import type { SelfView } from '#server/self/self-view.ts'
import type { ReadableStore } from '#server/store/store.ts'
import type { Targets } from '#server/store/targets.ts'

/** What every answer is made from. */
export interface Ground {
  readonly store: ReadableStore
  readonly platform: Platform
  readonly targets: Targets
  readonly markers: Markers
  /** How the server itself does. */
  readonly self: SelfView
  readonly nowMs: () => number
}
