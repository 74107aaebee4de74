'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef } from 'react'
import type { LiveTopic } from '#lib/api/live.ts'
import { type Failure, QuestionError } from './failure.ts'
import { useLiveSession } from './live-provider.tsx'
import { type Held, liveQueryKey, retryMs } from './live-session.ts'
import { type Answers, type Question, questionKey } from './question.ts'
import { useConnection } from './use-connection.ts'

/** What a view can draw of a question. */
export type QuestionState<A> =
  | { readonly state: 'loading' }
  /** Never answered. `retry` asks once more. */
  | { readonly state: 'failed'; readonly failure: Failure; readonly retry: () => void }
  /** The answer to the question asked before this one, until this one's is here. */
  | { readonly state: 'changing'; readonly answer: A }
  | { readonly state: 'answered'; readonly answer: A }
  /** The last answer there was; `failure` is `null` when only the connection is gone. */
  | {
      readonly state: 'stale'
      readonly answer: A
      readonly failure: Failure | null
      readonly sinceMs: number
    }

interface QuestionOptions {
  /**
   * Asks over REST again and again instead of following over the socket. For answers of which everything changes
   * at every step, and which REST sends compressed.
   */
  readonly freshEveryMs?: number
}

const loading = { state: 'loading' } as const

/** The newest answer to a question: from REST first, then from the socket for as long as the view is there. */
export function useQuestion<T extends LiveTopic>(
  topic: T,
  params: Readonly<Record<string, string>>,
  { freshEveryMs }: QuestionOptions = {},
): QuestionState<Answers[T]> {
  const session = useLiveSession()
  const connection = useConnection()
  const key = questionKey({ topic, params })
  // The key says all that topic and params say, and params are a new object on every render.
  const question = useMemo<Question<T>>(() => ({ topic, params }), [key])
  const query = useQuery<Held<Answers[T]>>({
    queryKey: liveQueryKey(question),
    queryFn: ({ signal }) => session.ask(question, signal),
    placeholderData: keepPreviousData,
    // What was never answered is asked again and again: it may be the server that is not there yet.
    refetchInterval: ({ state }) => {
      if (state.status !== 'error') return freshEveryMs ?? false
      return isLasting(QuestionError.failureOf(state.error)) ? false : retryMs
    },
  })
  const isPolled = freshEveryMs !== undefined
  useEffect(() => (isPolled ? undefined : session.follow(question)), [session, question, isPolled])

  const lastError = useRef<{ readonly key: string; readonly error: Error } | null>(null)
  const { data: held, error, isPlaceholderData, refetch } = query
  if (error !== null) lastError.current = { key, error }
  if (held === undefined) {
    // While a failed question is asked again, the query has forgotten why it failed.
    const failed = error ?? (lastError.current?.key === key ? lastError.current.error : null)
    if (failed === null) return loading
    return { state: 'failed', failure: QuestionError.failureOf(failed), retry: () => void refetch() }
  }
  if (isPlaceholderData) return { state: 'changing', answer: held.answer }
  if (held.state === 'answered' && connection.state === 'lost') {
    return { state: 'stale', answer: held.answer, failure: null, sinceMs: connection.sinceMs }
  }
  return held
}

/** Whether asking the same again can only fail again: the question itself is at fault. */
function isLasting({ code }: Failure): boolean {
  return code === 'BAD_PARAMETER' || /^(RANGE|WINDOW|STEP)_/.test(code)
}
