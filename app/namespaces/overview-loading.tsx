'use client'

import { GoldenTable } from '#components/golden/golden-table.tsx'
import { MeshFigures } from '#components/mesh/mesh-figures.tsx'
import { defaultWindow, windowWords } from '#components/time/window.ts'

/** The overview as it is before the address could be read: all in its place, nothing known. */
export function OverviewLoading() {
  return (
    <>
      <MeshFigures of="the mesh" row={null} series={null} trendWords={windowWords(defaultWindow)} />
      <GoldenTable
        title="Namespaces"
        of="namespaces"
        rows={null}
        empty=""
        command="meshscope stat ns --unmeshed"
      />
    </>
  )
}
