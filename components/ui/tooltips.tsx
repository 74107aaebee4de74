'use client'

import { useEffect } from 'react'
import { usePart } from './use-part.ts'

const loadBox = async () => (await import('./tooltip-box.tsx')).TooltipBox

/** Brings the tooltips once something that has a description is pointed at or reached. */
export function Tooltips() {
  const { part: Box, want } = usePart(loadBox)
  useEffect(() => {
    const controller = new AbortController()
    const wantFor = ({ target }: Event): void => {
      if (!(target instanceof Element)) return
      // In a table the focus stands for its whole row.
      if (target.closest('[aria-description], tbody tr') !== null) want()
    }
    for (const type of ['pointerover', 'focusin'])
      document.addEventListener(type, wantFor, { signal: controller.signal })
    return () => controller.abort()
  }, [want])
  return Box === null ? null : <Box />
}
