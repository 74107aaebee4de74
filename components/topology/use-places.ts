'use client'

import { useCallback, useEffect, useRef, useState } from 'react'
import type { Flow, Point } from './layout.ts'
import { type LayoutClient, laidOutAhead, openLayoutClient } from './layout-client.ts'
import { keepPinned, readPinned } from './pinned-places.ts'
import { layoutRequest, nowhere, type Structure } from './places.ts'
import { planAtOnce } from './plan.ts'

/** Where the nodes are. */
export interface Places {
  readonly points: ReadonlyMap<string, Point>
  /** Changes whenever all was planned anew, so that the view has to be chosen again. */
  readonly plan: number
  /** Why there is no layout; `null` while nothing is wrong. */
  readonly failure: string | null
  /** Keeps a node where somebody put it. */
  readonly pin: (id: string, at: Point) => void
  readonly pinned: number
  /** Forgets all places, those that somebody chose, too. */
  readonly reset: () => void
}

interface Placed {
  readonly view: string
  readonly points: ReadonlyMap<string, Point>
  readonly plan: number
  /** How many links the places were planned with. */
  readonly links: number
}

/**
 * Places for the nodes of a structure, with calls going `flow`. `view` says which picture it is: another one is planned
 * from the start. Places that somebody chose are kept under `keptAs`.
 */
export function usePlaces(structure: Structure, view: string, keptAs: string, flow: Flow): Places {
  const [placed, setPlaced] = useState(() => placedAhead(structure, view, readPinned(keptAs), flow))
  const [pins, setPins] = useState(() => ({ keptAs, points: readPinned(keptAs) }))
  const [failure, setFailure] = useState<string | null>(null)
  const client = useRef<LayoutClient | null>(null)
  useEffect(() => {
    const opened = openLayoutClient(setFailure)
    client.current = opened
    return () => {
      client.current = null
      opened.close()
    }
  }, [])

  const pinned = pins.keptAs === keptAs ? pins.points : readPinned(keptAs)
  const current = placed.view === view ? placed : { view, points: nowhere, plan: placed.plan, links: 0 }
  useEffect(() => {
    const request = layoutRequest(structure, current.points, current.links, pinned, flow)
    if (request === null) return
    const take = (points: readonly Point[]): void => {
      const next = placesOf(structure, points)
      setPlaced(before => {
        const isNew = request.arrange === 'all'
        return {
          view,
          points: isNew ? next : new Map([...before.points, ...next]),
          plan: isNew ? before.plan + 1 : before.plan,
          links: isNew ? structure.links.length : before.links,
        }
      })
    }
    const plan = planAtOnce(request)
    if (plan === null) {
      client.current?.ask(request, take)
    } else {
      client.current?.forget()
      take(plan)
    }
    // `structure.key` says all of `structure`, which is a new object with every answer.
  }, [structure.key, view, current.points])

  const pin = useCallback(
    (id: string, at: Point) => {
      const next = { ...readPinned(keptAs), [id]: at }
      keepPinned(keptAs, next)
      setPins({ keptAs, points: next })
      setPlaced(before => ({ ...before, points: new Map(before.points).set(id, at) }))
    },
    [keptAs],
  )
  const reset = useCallback(() => {
    keepPinned(keptAs, {})
    setPins({ keptAs, points: {} })
    setPlaced(before => ({ ...before, points: nowhere }))
  }, [keptAs])
  return {
    points: current.points,
    plan: current.plan,
    failure,
    pin,
    pinned: Object.keys(pinned).length,
    reset,
  }
}

/** Where everything is when that was found out before there was a picture; else nowhere. */
function placedAhead(
  structure: Structure,
  view: string,
  pinned: Readonly<Record<string, Point>>,
  flow: Flow,
): Placed {
  const request = layoutRequest(structure, nowhere, 0, pinned, flow)
  const points = request && (planAtOnce(request) ?? laidOutAhead(request))
  if (points === null) return { view, points: nowhere, plan: 0, links: 0 }
  return { view, points: placesOf(structure, points), plan: 1, links: structure.links.length }
}

function placesOf({ nodes }: Structure, points: readonly Point[]): ReadonlyMap<string, Point> {
  return new Map(nodes.map(({ id }, index) => [id, points[index] ?? { x: 0, y: 0 }]))
}
