'use client'

import { answerIn, rowsIn } from '#components/live/answer-rows.ts'
import { useQuestion } from '#components/live/use-question.ts'
import { ProfileHint } from '#components/routes/profile-hint.tsx'
import { RouteTable } from '#components/routes/route-table.tsx'
import { toldRoutes } from '#components/routes/told-routes.ts'
import { useTime } from '#components/time/use-time.ts'
import type { WorkloadRow } from '#lib/api/inventory.ts'
import type { ResourceRef } from '#lib/resources/resource-ref.ts'

interface WorkloadRoutesProps {
  /** The workload itself, or one of its pods. */
  readonly of: ResourceRef
  readonly workload: WorkloadRow
  readonly command: string
}

/** The routes of the services in front of a workload or a pod, and who counted them. */
export function WorkloadRoutes({ of, workload, command }: WorkloadRoutesProps) {
  const { params, options } = useTime()
  const { namespace } = workload.workload
  const routes = useQuestion('routes', { resource: `${of.kind}/${of.name}`, namespace, ...params }, options)
  const services = useQuestion('services', { namespace })
  const fronts = new Set(workload.services)
  const told = toldRoutes(
    rowsIn(routes),
    rowsIn(services)?.filter(({ service }) => fronts.has(`${namespace}/${service.name}`)) ?? null,
  )
  return (
    <RouteTable
      rows={told.rows}
      services={fronts.size > 1}
      note={told.rows === null || told.rows.length === 0 ? undefined : answerIn(routes)?.note}
      empty={fronts.size === 0 ? 'No service selects it, so it has no routes' : 'None'}
      command={command}
    >
      <ProfileHint services={told.bare} />
    </RouteTable>
  )
}
