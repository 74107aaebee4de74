'use client'

import { type RefObject, useEffect, useRef, useState } from 'react'

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
  const kept = useRef<readonly Row[]>(rows)
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

  const release = (): void => {
    kept.current = rows
  }
  if (!isHeld || rows.length === 0 || kept.current.length === 0) {
    kept.current = rows
    return { shown: rows, waiting: 0, release }
  }
  const now = new Map(rows.map(row => [row.id, row]))
  const shown = kept.current.map(row => now.get(row.id) ?? row)
  const known = new Set(shown.map(row => row.id))
  return { shown, waiting: rows.filter(row => !known.has(row.id)).length, release }
}
