'use client'

import { useSyncExternalStore } from 'react'
import type { Flow } from './layout.ts'

const narrow = '(max-width: 720px)'

/** Which way calls go on this screen: down where it is narrow. */
export function useFlow(): Flow {
  return useSyncExternalStore(subscribe, flowNow, () => 'right')
}

function subscribe(changed: () => void): () => void {
  const query = window.matchMedia(narrow)
  query.addEventListener('change', changed)
  return () => query.removeEventListener('change', changed)
}

/** As `useFlow()`, at this moment. */
export function flowNow(): Flow {
  return window.matchMedia(narrow).matches ? 'down' : 'right'
}
