import { notifyManager, QueryClient } from '@tanstack/react-query'
import type { LiveTopic } from '#lib/api/live.ts'
import type { Connection } from './connection.ts'
import type { Failure } from './failure.ts'
import { type Change, createLiveClient } from './live-client.ts'
import { type Answer, type Answers, type Question, questionKey } from './question.ts'
import { askRest } from './rest.ts'
import type { OpenWire } from './wire.ts'

/** HTTP tells the time in whole seconds, and answers take a moment to come. */
const clockToleranceMs = 2_000
/** The pause before something that failed is asked again. */
export const retryMs = 2_000

/** What the query cache holds of a question that was answered at least once. */
export type Held<A> =
  | { readonly state: 'answered'; readonly answer: A }
  /** The last answer, and why there has been none since. */
  | { readonly state: 'stale'; readonly answer: A; readonly failure: Failure; readonly sinceMs: number }

/** Everything one open page knows of the server: answers, connection, clock. */
export interface LiveSession {
  readonly queries: QueryClient
  ask<T extends LiveTopic>(question: Question<T>, signal: AbortSignal): Promise<Held<Answers[T]>>
  follow(question: Question): () => void
  readonly connection: () => Connection
  readonly subscribeConnection: (listener: () => void) => () => void
  /** The server's time: the browser's, corrected when REST answers show that the two differ by over two seconds. */
  serverNowMs(): number
  close(): void
}

/** A session that asks where the page came from. It opens nothing before the first question is followed. */
export function createLiveSession(open: OpenWire): LiveSession {
  const queries = new QueryClient({
    defaultOptions: {
      queries: { staleTime: Infinity, retry: 1, refetchOnWindowFocus: false, structuralSharing: false },
    },
  })
  const nowMs = (): number => Date.now() + serverAheadMs
  const listeners = new Set<() => void>()
  let connection: Connection = { state: 'connecting' }
  let serverAheadMs = 0

  const keep = (changes: readonly Change[]): void =>
    notifyManager.batch(() => {
      for (const { question, feed } of changes) {
        queries.setQueryData<Held<Answer>>(liveQueryKey(question), held => heldAfter(feed, held))
      }
    })

  const live = createLiveClient({
    open,
    nowMs,
    schedule: flush => void requestAnimationFrame(flush),
    onChanges: keep,
    later: again => void setTimeout(again, retryMs),
    onConnection(next) {
      connection = next
      for (const listener of listeners) listener()
    },
  })

  return {
    queries,
    async ask<T extends LiveTopic>(question: Question<T>, signal: AbortSignal): Promise<Held<Answers[T]>> {
      const { answer, serverAheadMs: ahead } = await askRest(question, signal)
      if (ahead !== null) serverAheadMs = Math.abs(ahead) > clockToleranceMs ? ahead : 0
      // The socket may have been faster, and then knows better.
      const newer = queries.getQueryData<Held<Answers[T]>>(liveQueryKey(question))
      return live.feed(question)?.state === 'following' && newer !== undefined
        ? newer
        : { state: 'answered', answer }
    },
    follow: live.follow,
    connection: () => connection,
    subscribeConnection(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    serverNowMs: nowMs,
    close() {
      live.close()
      connection = { state: 'connecting' }
    },
  }
}

/** The key under which the query cache holds what is known of the question. */
export function liveQueryKey(question: Question): readonly [string, string] {
  return ['live', questionKey(question)]
}

function heldAfter(feed: Change['feed'], held: Held<Answer> | undefined): Held<Answer> | undefined {
  switch (feed.state) {
    case 'asking':
    case 'resyncing':
      return held
    case 'following':
      return { state: 'answered', answer: feed.answer }
    case 'failed': {
      const answer = feed.last?.answer ?? held?.answer
      if (answer === undefined) return undefined
      return { state: 'stale', answer, failure: feed.failure, sinceMs: feed.sinceMs }
    }
  }
}
