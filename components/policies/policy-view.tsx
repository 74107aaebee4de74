'use client'

import type { ReactNode } from 'react'
import { Card } from '#components/ui/card.tsx'
import { CardNote } from '#components/ui/card-note.tsx'
import { CopyLine } from '#components/ui/copy-line.tsx'
import { FilterLine, passesFilter } from '#components/ui/filter-line.tsx'
import { Notice } from '#components/ui/notice.tsx'
import type { PolicyRow } from '#lib/api/policies.ts'
import { searchText } from './policy-words.ts'
import { PortTable } from './port-table.tsx'
import { RefusedTable } from './refused-table.tsx'
import { WayInTable } from './way-in-table.tsx'

interface PolicyViewProps {
  readonly rows: readonly PolicyRow[]
  readonly filter: string
  /** What the numbers leave out. */
  readonly notes?: ReactNode
  /** Namespace and time, as the command line takes them. */
  readonly flags: string
}

/** The ports of the mesh by policy, what came in by each authorization, and who was refused. */
export function PolicyView({ rows, filter, notes, flags }: PolicyViewProps) {
  const shown = rows.filter(row => passesFilter(searchText(row), filter))
  const unenforced = shown.filter(({ pods }) => pods.meshed < pods.total).length
  const command = `meshscope policies${flags} -o wide`
  if (rows.length === 0) {
    return (
      <Notice kind="empty" title="No pod here names a port">
        <p>
          Ports appear with the <code>containerPort</code> of a pod, or with a <code>Server</code> that
          describes one.
        </p>
      </Notice>
    )
  }
  return (
    <>
      <Card
        title="Ports"
        aside={rows.length}
        tools={
          <>
            {notes}
            <FilterLine of="ports" count={{ shown: shown.length, all: rows.length }} />
          </>
        }
      >
        <PortTable rows={shown} />
        {unenforced > 0 && (
          <CardNote>
            {unenforced === 1 ? 'One port is' : `${unenforced} ports are`} of pods without a proxy, in part at
            least: nothing enforces policy there.
          </CardNote>
        )}
        <CopyLine command={command} />
      </Card>
      <Card title="Refused" aside="who, where and why">
        <RefusedTable ports={shown} />
        <CopyLine command={command} />
      </Card>
      <Card title="Authorizations" aside="what came in by each">
        <WayInTable ports={shown} />
        <CopyLine command={`meshscope authz workload${flags}`} />
      </Card>
    </>
  )
}

/** The view before anything is known. */
export function PolicyViewAtRest() {
  return (
    <Card title="Ports">
      <PortTable rows={null} />
    </Card>
  )
}
