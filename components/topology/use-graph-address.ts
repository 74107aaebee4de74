'use client'

import { useSearchParams } from 'next/navigation'
import { useMemo } from 'react'
import { setUrlParams } from '#components/ui/set-url-params.ts'
import { type AddressChange, changedParams, type GraphAddress, readGraphAddress } from './graph-address.ts'

/** What the page's address says about the picture, and the way to change it. Going back undoes a change. */
export function useGraphAddress(): readonly [GraphAddress, (change: AddressChange) => void] {
  const text = useSearchParams().toString()
  const address = useMemo(() => readGraphAddress(new URLSearchParams(text)), [text])
  return [address, changeAddress]
}

function changeAddress(change: AddressChange): void {
  setUrlParams(changedParams(change))
}
