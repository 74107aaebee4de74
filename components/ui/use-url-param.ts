'use client'

import { useSearchParams } from 'next/navigation'
import { useCallback } from 'react'

/** A parameter of the page's address, and the way to set it; `null` removes it. Going back undoes that. */
export function useUrlParam(name: string): readonly [string | null, (value: string | null) => void] {
  const params = useSearchParams()
  const set = useCallback(
    (value: string | null) => {
      const next = new URLSearchParams(window.location.search)
      if (value === null) next.delete(name)
      else next.set(name, value)
      const query = next.size === 0 ? '' : `?${next}`
      if (query === window.location.search) return
      window.history.pushState(null, '', `${window.location.pathname}${query}${window.location.hash}`)
    },
    [name],
  )
  return [params.get(name), set]
}
