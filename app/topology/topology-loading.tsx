'use client'

import { readGraphAddress } from '#components/topology/graph-address.ts'
import { TopologyView } from '#components/topology/topology-view.tsx'

const usual = readGraphAddress(new URLSearchParams())
const later = (): void => undefined

/** The topology as it is before the address could be read: all in its place, nothing known. */
export function TopologyLoading() {
  return (
    <TopologyView
      topology={{ state: 'loading' }}
      subject=""
      picture=""
      isStale={false}
      address={usual}
      onChange={later}
      timeFlag=""
    />
  )
}
