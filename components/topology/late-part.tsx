'use client'

import { type ComponentType, type ReactNode, useEffect } from 'react'
import { Notice } from '#components/ui/notice.tsx'
import { usePart } from '#components/ui/use-part.ts'

interface LatePartProps<P extends object> {
  /** Made once, outside of render. */
  readonly load: () => Promise<ComponentType<P>>
  /** `null` while nothing is known to draw it with; it is fetched meanwhile. */
  readonly props: P | null
  /** What stands in its place until then; told whether the part is here. */
  readonly waiting: (isHere: boolean) => ReactNode
  /** What it is to people, when it could not be fetched. */
  readonly name: string
}

/** A part of the view that comes after the page itself. */
export function LatePart<P extends object>({ load, props, waiting, name }: LatePartProps<P>) {
  const { part: Part, isLost, want } = usePart(load)
  useEffect(want, [want])
  if (isLost) {
    return (
      <Notice
        kind="failed"
        title={`${name} could not be loaded`}
        action={{ label: 'Reload the page', run: () => window.location.reload() }}
      >
        <p>The server did not answer when this part of the page was fetched</p>
      </Notice>
    )
  }
  return Part === null || props === null ? waiting(Part !== null) : <Part {...props} />
}
