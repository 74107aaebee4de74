'use client'

import { type RefObject, useEffect, useMemo, useState } from 'react'

const reorderEveryMs = 5_000

/**
 * `rows` in the order `order` gives them, renewed every five seconds but never while the pointer or the
 * keyboard is within `area`. New rows and another `orderKey` take effect at once.
 */
export function useSteadyOrder<Row extends { readonly id: string }>(
  rows: readonly Row[],
  order: (rows: readonly Row[]) => readonly Row[],
  orderKey: string,
  area: RefObject<HTMLElement | null>,
): readonly Row[] {
  const [round, setRound] = useState(0)
  useEffect(() => {
    const timer = setInterval(() => {
      const element = area.current
      if (element === null) return
      const held = element.matches(':hover') || element.contains(document.activeElement)
      if (!held) setRound(now => now + 1)
    }, reorderEveryMs)
    return () => clearInterval(timer)
  }, [area])

  const ids = rows.map(row => row.id).join('\n')
  // Left out on purpose: `rows` and `order` change with every number.
  const ranks = useMemo(() => new Map(order(rows).map((row, rank) => [row.id, rank])), [ids, orderKey, round])
  return useMemo(
    () => rows.toSorted((a, b) => (ranks.get(a.id) ?? 0) - (ranks.get(b.id) ?? 0)),
    [rows, ranks],
  )
}
