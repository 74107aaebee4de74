'use client'

import { useSyncExternalStore } from 'react'
import type { Connection } from './connection.ts'
import { useLiveSession } from './live-provider.tsx'

const beforeHydration: Connection = { state: 'connecting' }

/** How the page stands with the server now. */
export function useConnection(): Connection {
  const session = useLiveSession()
  return useSyncExternalStore(session.subscribeConnection, session.connection, () => beforeHydration)
}
