import type { LiveError, LiveTopic, Snapshot, Subscribe, SubscribeReply, Update } from '#lib/api/live.ts'
import type { Answer } from './question.ts'

/** What the socket tells the client. Messages that are not as agreed never get here. */
export interface WireEvents {
  readonly opened: () => void
  readonly lost: () => void
  readonly snapshot: (message: Snapshot) => void
  readonly update: (message: Update) => void
  readonly failed: (message: LiveError) => void
}

/** One socket that reopens by itself. Its subscriptions end whenever it is lost. */
export interface Wire {
  subscribe(request: Subscribe, reply: (answer: SubscribeReply) => void): void
  unsubscribe(subscription: string): void
  resync(subscription: string): void
  /** A snapshot's data as an answer of `topic`; `null` when it is none. */
  parseAnswer(topic: LiveTopic, data: unknown): Promise<Answer | null>
  /** The update with its rows as rows of `topic`; `null` when one is none. */
  parseUpdate(topic: LiveTopic, update: Update): Promise<Update | null>
  close(): void
}

/** Starts a socket. The promise is of the code that can, not of the connection. */
export type OpenWire = (events: WireEvents) => Promise<Wire>
