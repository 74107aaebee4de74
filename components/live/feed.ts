import type { Update } from '#lib/api/live.ts'
import type { Failure } from './failure.ts'
import { mergeUpdate } from './merge.ts'
import type { Answer } from './question.ts'

/** What one followed question is at. */
export type Feed =
  /** Waits for its first snapshot. */
  | { readonly state: 'asking' }
  /** Missed something, and waits for the snapshot it asked for. */
  | { readonly state: 'resyncing' }
  | { readonly state: 'following'; readonly revision: number; readonly answer: Answer }
  /** The server cannot answer any more; `last` is what it said before, with its revision. */
  | {
      readonly state: 'failed'
      readonly failure: Failure
      readonly sinceMs: number
      readonly last: { readonly revision: number; readonly answer: Answer } | null
    }

export type FeedMessage =
  | { readonly type: 'snapshot'; readonly revision: number; readonly answer: Answer }
  | { readonly type: 'update'; readonly update: Update }
  | { readonly type: 'failed'; readonly failure: Failure }

/** The feed after a message, and whether a new snapshot has to be asked for. */
export interface FeedStep {
  readonly feed: Feed
  readonly resync: boolean
}

/**
 * The next state of a feed. An update that does not build on the revision we hold is dropped and a snapshot
 * asked for, once: while it is on its way, further updates change nothing.
 */
export function stepFeed(feed: Feed, message: FeedMessage, nowMs: number): FeedStep {
  switch (message.type) {
    case 'snapshot':
      return calm({ state: 'following', revision: message.revision, answer: message.answer })
    case 'update': {
      if (feed.state === 'resyncing') return calm(feed)
      const held = heldBy(feed)
      if (held === null || held.revision !== message.update.base) {
        return { feed: { state: 'resyncing' }, resync: true }
      }
      const answer = mergeUpdate(held.answer, message.update)
      return calm({ state: 'following', revision: message.update.revision, answer })
    }
    case 'failed':
      return calm({
        state: 'failed',
        failure: message.failure,
        sinceMs: feed.state === 'failed' ? feed.sinceMs : nowMs,
        last: heldBy(feed),
      })
  }
}

function heldBy(feed: Feed): { readonly revision: number; readonly answer: Answer } | null {
  if (feed.state === 'following') return { revision: feed.revision, answer: feed.answer }
  return feed.state === 'failed' ? feed.last : null
}

function calm(feed: Feed): FeedStep {
  return { feed, resync: false }
}
