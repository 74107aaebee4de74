'use client'

import { useSearchParams } from 'next/navigation'
import { useCallback } from 'react'
import { setUrlParams } from './set-url-params.ts'

/** A parameter of the page's address, and the way to set it; `null` removes it. Going back undoes that. */
export function useUrlParam(name: string): readonly [string | null, (value: string | null) => void] {
  const params = useSearchParams()
  const set = useCallback((value: string | null) => setUrlParams({ [name]: value }), [name])
  return [params.get(name), set]
}
