'use client'

import type { ReactNode } from 'react'
import { localNote } from '#components/time/local-time.ts'
import { Card } from '#components/ui/card.tsx'
import { CardNote } from '#components/ui/card-note.tsx'
import { CopyLine } from '#components/ui/copy-line.tsx'
import { routePath } from '#components/ui/page-path.ts'
import { SortableTable } from '#components/ui/sortable-table.tsx'
import type { RouteRow } from '#lib/api/routes.ts'
import { defaultRoute } from './default-route.ts'
import { routeColumns } from './route-columns.tsx'

interface RouteTableProps {
  /** `null` while loading. */
  readonly rows: readonly RouteRow[] | null
  /** Names the service of each route, too. */
  readonly services: boolean
  /** What the numbers leave out, in words. */
  readonly note?: string | undefined
  /** At the end of the heading's line. */
  readonly tools?: ReactNode
  /** Said when there is no route. */
  readonly empty: string
  /** What to know beside the routes. */
  readonly children?: ReactNode
  readonly command: string
}

/** Routes with what their clients saw, and beside it every attempt where that is something else. */
export function RouteTable({ rows, services, note, tools, empty, command, children }: RouteTableProps) {
  const hasDefault = rows?.some(row => row.route === defaultRoute) ?? false
  return (
    <Card title="Routes" aside={rows === null || rows.length === 0 ? undefined : rows.length} tools={tools}>
      <SortableTable
        param="sort"
        caption="Golden metrics of each route"
        columns={services ? routeColumns.ofMany : routeColumns.ofOne}
        rows={rows}
        toneOf={({ effective }) =>
          effective.requests === null || effective.requests === 0 ? 'quiet' : 'plain'
        }
        linkOf={row => routePath({ namespace: row.namespace, name: row.service }, row.route)}
        empty={empty}
      />
      {hasDefault && (
        <CardNote>
          <code>{defaultRoute}</code> stands for requests that match no route of the ServiceProfile. Add a
          route with a <code>condition</code> that matches them, and they are counted under its name.
        </CardNote>
      )}
      {note !== undefined && <CardNote>{localNote(note, Date.now())}</CardNote>}
      {children}
      <CopyLine command={command} />
    </Card>
  )
}
