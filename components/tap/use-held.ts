'use client'

import { type RefObject, useEffect, useMemo, useState } from 'react'

/** What is shown of a list that grows at its head, and how much of it is held back. */
interface Held<Row> {
  readonly shown: readonly Row[]
  readonly waiting: number
  /** Shows what waits, once. */
  readonly release: () => void
}

/**
 * The rows, standing still while the pointer or the keyboard is within `area`: then those that were there are
 * shown in their places, each as it is now, and new ones wait.
 */
export function useHeld<Row extends { readonly id: string }>(
  rows: readonly Row[],
  area: RefObject<HTMLElement | null>,
): Held<Row> {
  const [isHeld, setHeld] = useState(false)
  /** The rows last shown while nothing was held; while something is, what stands still. */
  const [kept, setKept] = useState(rows)
  useEffect(() => {
    const element = area.current
    if (element === null) return
    const look = (): void => setHeld(element.matches(':hover') || element.contains(document.activeElement))
    const events = ['pointerenter', 'pointerleave', 'focusin', 'focusout'] as const
    // The element that will have the focus has it only after the event.
    const later = (): void => void requestAnimationFrame(look)
    for (const name of events) element.addEventListener(name, later)
    return () => {
      for (const name of events) element.removeEventListener(name, later)
    }
  }, [area])

  const stands = isHeld && rows.length > 0 && kept.length > 0
  // React draws again at once with what is set here, before anything is seen.
  if (!stands && kept !== rows) setKept(rows)
  const held = useMemo(() => (stands ? holdBack(kept, rows) : null), [stands, kept, rows])
  return { ...(held ?? { shown: rows, waiting: 0 }), release: () => setKept(rows) }
}

/** Those that were kept, each as it is now, and how many of the rows are not among them. */
function holdBack<Row extends { readonly id: string }>(kept: readonly Row[], rows: readonly Row[]) {
  const now = new Map(rows.map(row => [row.id, row]))
  const shown = kept.map(row => now.get(row.id) ?? row)
  const known = new Set(shown.map(row => row.id))
  return { shown, waiting: rows.filter(row => !known.has(row.id)).length }
}
