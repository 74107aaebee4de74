'use client'

import { MeshFigures } from '#components/mesh/mesh-figures.tsx'
import { NamespaceTable } from '#components/namespaces/namespace-table.tsx'
import { defaultWindow, windowWords } from '#components/time/window.ts'
import { WorkloadTable } from '#components/workloads/workload-table.tsx'

const later = (): void => undefined
const noSeries: readonly never[] = []

/** The overview as it is before the address could be read: all in its place, nothing known. */
export function OverviewLoading() {
  return (
    <>
      <MeshFigures row={null} series={null} trendWords={windowWords[defaultWindow]} />
      <NamespaceTable rows={null} windowFlag="" />
      <WorkloadTable rows={null} series={noSeries} trendNote="" windowFlag="" sort={null} onSort={later} />
    </>
  )
}
