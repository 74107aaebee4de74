'use client'

import { QueryClientProvider } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react'
import { createLiveSession, type LiveSession } from './live-session.ts'
import type { OpenWire } from './wire.ts'

const SessionContext = createContext<LiveSession | null>(null)

const openAfterPaint: OpenWire = async events => {
  await new Promise(resolve => setTimeout(resolve, 0))
  const { openSocketWire } = await import('./socket-wire.ts')
  return openSocketWire('', events)
}

/** Gives everything within it one live session with the server the page came from. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const [session] = useState(() => createLiveSession(openAfterPaint))
  useEffect(() => () => session.close(), [session])
  return (
    <QueryClientProvider client={session.queries}>
      <SessionContext value={session}>{children}</SessionContext>
    </QueryClientProvider>
  )
}

/** The session of the nearest `LiveProvider`; throws without one. */
export function useLiveSession(): LiveSession {
  const session = useContext(SessionContext)
  if (session === null)
    throw new Error('Cannot ask the server: expected a LiveProvider around this component')
  return session
}
