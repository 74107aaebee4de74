'use client'

import { useSyncExternalStore } from 'react'
import { basePath } from '#components/live/base-path.ts'

const defaultAddresses = new Set(['http://localhost:8084', 'http://127.0.0.1:8084'])

/** The flag that leads the command line to the server of this page, with a blank before it; empty where it finds it by itself. */
export function useApiFlag(): string {
  return useSyncExternalStore(never, flagOfPage, () => '')
}

function never(): () => void {
  return () => {}
}

function flagOfPage(): string {
  const address = `${window.location.origin}${basePath}`
  return defaultAddresses.has(address) ? '' : ` --api-addr ${address}`
}
