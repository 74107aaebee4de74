'use client'

import { useDeferredValue, useMemo } from 'react'
import { useQuestion } from '#components/live/use-question.ts'
import { useTime } from '#components/time/use-time.ts'
import { pictureSubject } from '#components/topology/graph-address.ts'
import { topologyParams } from '#components/topology/topology-params.ts'
import { TopologyView } from '#components/topology/topology-view.tsx'
import { useGraphAddress } from '#components/topology/use-graph-address.ts'

/** The topology that the address asks for, over the time it says. */
export function Topology() {
  const [address, change] = useGraphAddress()
  const { params, options, flag } = useTime()
  const asks = topologyParams(address)
  const newest = useQuestion('topology', { ...asks, ...params }, options)
  const subject = pictureSubject(address)
  const picture = `${subject} ${asks.unfold ?? ''}`
  const asked = useMemo(() => ({ topology: newest, subject, picture }), [newest, subject, picture])
  // To draw a large mesh takes a while: it gives way to what people do meanwhile.
  const shown = useDeferredValue(asked)
  return (
    <TopologyView
      {...shown}
      isStale={newest.state === 'stale'}
      address={address}
      onChange={change}
      timeFlag={flag}
    />
  )
}
