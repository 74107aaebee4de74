'use client'

import { useEffect } from 'react'

/** Who points at a link to the topology is about to open it: while the view is there, it is asked for then. */
export function useWarmLinks(): void {
  useEffect(() => {
    document.addEventListener('pointerover', warm)
    document.addEventListener('focusin', warm)
    return () => {
      document.removeEventListener('pointerover', warm)
      document.removeEventListener('focusin', warm)
    }
  }, [])
}

function warm({ target }: Event): void {
  const link = target instanceof Element ? target.closest('a') : null
  if (link === null || !link.pathname.endsWith('/topology')) return
  // What fails here is told when it is wanted.
  import('./picture.ts').then(
    ({ askEarly }) => askEarly(link.search),
    () => {},
  )
}
