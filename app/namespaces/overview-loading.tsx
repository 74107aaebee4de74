'use client'

import { MeshFigures } from '#components/mesh/mesh-figures.tsx'
import { StatusStrip } from '#components/mesh/status-strip.tsx'
import { NamespaceTable } from '#components/namespaces/namespace-table.tsx'
import { defaultWindow, windowWords } from '#components/time/window.ts'
import { WindowPicker } from '#components/time/window-picker.tsx'
import { WorkloadTable } from '#components/workloads/workload-table.tsx'
import { OverviewFrame } from './overview-frame.tsx'

const later = (): void => undefined
const noSeries: readonly never[] = []

/** The overview as it is before the address could be read: all in its place, nothing known. */
export function OverviewLoading() {
  const words = windowWords[defaultWindow]
  return (
    <OverviewFrame tools={<WindowPicker window={defaultWindow} onChoose={later} />}>
      <StatusStrip
        mesh={{ state: 'loading' }}
        connection={{ state: 'connecting' }}
        nowMs={null}
        windowWords={words}
      />
      <MeshFigures row={null} series={null} trendWords={words} />
      <NamespaceTable rows={null} windowFlag="" />
      <WorkloadTable rows={null} series={noSeries} trendNote="" windowFlag="" sort={null} onSort={later} />
    </OverviewFrame>
  )
}
