'use client'

import { type RefObject, useEffect, useMemo, useRef, useState } from 'react'

const reorderEveryMs = 5_000

/**
 * `rows` in the order `order` gives them, renewed every five seconds but never while the pointer or the
 * keyboard is within `area`: rows that come meanwhile stand at the end. Another `orderKey` takes effect at once, and so do
 * new rows while nobody is there.
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
      if (area.current !== null && !isHeld(area.current)) setRound(now => now + 1)
    }, reorderEveryMs)
    return () => clearInterval(timer)
  }, [area])

  const last = useRef<{ readonly orderKey: string; readonly ranks: ReadonlyMap<string, number> } | null>(null)
  const ids = rows.map(row => row.id).join('\n')
  const ranks = useMemo(() => {
    const fresh = order(rows).map(row => row.id)
    const before = last.current?.orderKey === orderKey && isHeld(area.current) ? last.current.ranks : null
    const kept = before === null ? fresh : [...before.keys(), ...fresh.filter(id => !before.has(id))]
    return new Map(kept.map((id, rank) => [id, rank]))
    // `rows` and `order` change with every number.
  }, [ids, orderKey, round])
  useEffect(() => {
    last.current = { orderKey, ranks }
  }, [orderKey, ranks])
  return useMemo(
    () => rows.toSorted((a, b) => (ranks.get(a.id) ?? 0) - (ranks.get(b.id) ?? 0)),
    [rows, ranks],
  )
}

function isHeld(element: HTMLElement | null): boolean {
  return element !== null && (element.matches(':hover') || element.contains(document.activeElement))
}
