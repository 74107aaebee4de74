'use client'

import { useCallback, useEffect, useMemo, useReducer, useRef } from 'react'
import type { TapFilter } from '#lib/api/tap.ts'
import { stepTap, type TapState } from './tap-state.ts'
import type { TapWire } from './tap-wire.ts'

export interface Tap {
  readonly tapped: TapState
  readonly start: (filter: TapFilter) => void
  readonly pause: () => void
  readonly resume: () => void
  readonly clear: () => void
  readonly stop: () => void
}

/** A tap that runs from `start` to `stop`, or until the view is gone. It never starts by itself. */
export function useTap(): Tap {
  const [tapped, step] = useReducer(stepTap, { state: 'idle' })
  const running = useRef<{ wire: TapWire | null } | null>(null)

  const close = useCallback(() => {
    running.current?.wire?.close()
    running.current = null
  }, [])
  useEffect(() => close, [close])

  const start = useCallback(
    (filter: TapFilter) => {
      close()
      const opening: { wire: TapWire | null } = { wire: null }
      running.current = opening
      step({ type: 'start' })
      import('./tap-wire.ts').then(
        ({ openTapWire }) => {
          if (running.current !== opening) return
          opening.wire = openTapWire(filter, told => {
            if (running.current === opening) step(told)
          })
        },
        () => {
          if (running.current !== opening) return
          const failure = {
            code: 'UNREACHABLE',
            message: 'A part of this page could not be loaded',
            hint: 'Check that the server runs, and reload the page',
          }
          step({ type: 'ended', tap: null, failure })
        },
      )
    },
    [close],
  )

  return useMemo(
    () => ({
      tapped,
      start,
      pause() {
        running.current?.wire?.pause()
        step({ type: 'pause' })
      },
      resume() {
        running.current?.wire?.resume()
        step({ type: 'resume' })
      },
      clear: () => step({ type: 'clear' }),
      stop() {
        close()
        step({ type: 'stop' })
      },
    }),
    [tapped, start, close],
  )
}
