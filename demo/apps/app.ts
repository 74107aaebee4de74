import type { RequestListener } from 'node:http'
import type { Trouble } from '#demo/trouble.ts'
import type { AppPlace } from './order.ts'

/** What an app does: answers requests, sends some of its own, or both. */
export interface App {
  readonly serve?: RequestListener
  /** Begins to send; the function it returns ends that. */
  start?(): () => void
}

/** Makes the app of a place. `isWrong` tells whether something is wrong now. */
export type MakeApp = (place: AppPlace, isWrong: (trouble: Trouble) => boolean) => App
