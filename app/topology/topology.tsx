'use client'

import { useDeferredValue } from 'react'
import { useQuestion } from '#components/live/use-question.ts'
import { useTime } from '#components/time/use-time.ts'
import { TopologyView } from '#components/topology/topology-view.tsx'
import { useGraphAddress } from '#components/topology/use-graph-address.ts'

/** The topology that the address asks for, over the time it says. */
export function Topology() {
  const [address, change] = useGraphAddress()
  const { params, options, flag } = useTime()
  const { groupBy, namespace } = address
  const scope = namespace === null ? {} : { namespace }
  const newest = useQuestion('topology', { groupBy, ...scope, ...params }, options)
  // To draw a large mesh takes a while: it gives way to what people do meanwhile.
  const topology = useDeferredValue(newest)
  return <TopologyView topology={topology} address={address} onChange={change} timeFlag={flag} />
}
