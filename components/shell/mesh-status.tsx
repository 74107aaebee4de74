'use client'

import { useConnection } from '#components/live/use-connection.ts'
import { useQuestion } from '#components/live/use-question.ts'
import { useServerNow } from '#components/live/use-server-now.ts'
import { newestWindow } from '#components/time/time-choice.ts'
import { useTime } from '#components/time/use-time.ts'
import { defaultWindow } from '#components/time/window.ts'
import { StatusStrip } from './status-strip.tsx'

/** How far the numbers of the page can be trusted, whatever page it is. */
export function MeshStatus() {
  const { choice } = useTime()
  const mesh = useQuestion('golden', { resource: 'mesh', window: newestWindow(choice) })
  return <StatusStrip mesh={mesh} connection={useConnection()} nowMs={useServerNow()} choice={choice} />
}

/** The same before the address could be read. */
export function MeshStatusAtRest() {
  return (
    <StatusStrip
      mesh={{ state: 'loading' }}
      connection={{ state: 'connecting' }}
      nowMs={null}
      choice={{ kind: 'window', window: defaultWindow }}
    />
  )
}
