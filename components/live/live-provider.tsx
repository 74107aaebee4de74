'use client'

import { QueryClientProvider } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import { basePath } from './base-path.ts'
import { createLiveSession, type LiveSession } from './live-session.ts'
import type { OpenWire } from './wire.ts'

const SessionContext = createContext<LiveSession | null>(null)

const reloadedKey = 'meshscope.reloaded'
/** A part that is gone for good must not make the page reload all the time. */
const reloadPauseMs = 60_000

/** The first answers come over REST: what follows them waits until they are here and drawn, but not for long. */
const mostWaits = 20
const waitMs = 100

async function openAfterAnswers(
  { queries }: LiveSession,
  events: Parameters<OpenWire>[0],
): ReturnType<OpenWire> {
  for (let waits = 0; waits < mostWaits; waits++) {
    await new Promise(resolve => setTimeout(resolve, waitMs))
    if (queries.isFetching() === 0) break
  }
  // Safari has none.
  if ('requestIdleCallback' in window)
    await new Promise(resolve => requestIdleCallback(resolve, { timeout: 10 * waitMs }))
  const { openSocketWire } = await import('./socket-wire.ts').catch(reloadIfReachable)
  return openSocketWire('', events)
}

/** A page remembers a part that it could not fetch; once the server is back, only a new page asks for it again. */
async function reloadIfReachable(cause: unknown): Promise<never> {
  const isBack = await fetch(`${basePath}/healthz`).then(
    response => response.ok,
    () => false,
  )
  const lastMs = Number(sessionStorage.getItem(reloadedKey) ?? 0)
  if (isBack && Date.now() - lastMs > reloadPauseMs) {
    sessionStorage.setItem(reloadedKey, String(Date.now()))
    window.location.reload()
  }
  throw cause
}

/** Gives everything within it one live session with the server the page came from. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const [session] = useState(createPageSession)
  useEffect(() => () => session.close(), [session])
  return (
    <QueryClientProvider client={session.queries}>
      <SessionContext value={session}>{children}</SessionContext>
    </QueryClientProvider>
  )
}

function createPageSession(): LiveSession {
  const session: LiveSession = createLiveSession(events => openAfterAnswers(session, events))
  return session
}

/** The session of the nearest `LiveProvider`; throws without one. */
export function useLiveSession(): LiveSession {
  const session = useContext(SessionContext)
  if (session === null)
    throw new Error('Cannot ask the server: expected a LiveProvider around this component')
  return session
}
