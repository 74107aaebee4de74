'use client'

import { useCallback, useState } from 'react'

/** A part of the page that is fetched when it is first wanted. */
export interface LatePart<T> {
  /** `null` until it is here. */
  readonly part: T | null
  /** Whether it could not be fetched: then only another page load can help. */
  readonly isLost: boolean
  /** Fetches it, once. On `pointerenter` and `focus` it is mostly there by the time of the click. */
  readonly want: () => void
}

/** A part that `load` imports; `load` is made once, outside of render. */
export function usePart<T>(load: () => Promise<T>): LatePart<T> {
  const [part, setPart] = useState<{ readonly is: T | null; readonly isLost: boolean }>({
    is: null,
    isLost: false,
  })
  const want = useCallback(() => {
    load().then(
      is => setPart(before => (before.is === is ? before : { is, isLost: false })),
      () => setPart({ is: null, isLost: true }),
    )
  }, [load])
  return { part: part.is, isLost: part.isLost, want }
}
