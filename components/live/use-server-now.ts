'use client'

import { useEffect, useState } from 'react'
import { useLiveSession } from './live-provider.tsx'

/** The server's time in Unix milliseconds, renewed every second; `null` until the page runs in a browser. */
export function useServerNow(): number | null {
  const session = useLiveSession()
  const [nowMs, setNowMs] = useState<number | null>(null)
  useEffect(() => {
    const tick = () => setNowMs(session.serverNowMs())
    tick()
    const timer = setInterval(tick, 1000)
    return () => clearInterval(timer)
  }, [session])
  return nowMs
}
