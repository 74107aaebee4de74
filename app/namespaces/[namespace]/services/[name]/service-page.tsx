'use client'

import { CourseSection } from '#app/namespaces/[namespace]/[kind]/[name]/course-section.tsx'
import { crumbsOf } from '#app/namespaces/[namespace]/[kind]/[name]/crumbs.ts'
import { ResourceTools } from '#app/namespaces/[namespace]/[kind]/[name]/resource-tools.tsx'
import { conditionOf, missingReason } from '#components/golden/condition.ts'
import { GoldenTable } from '#components/golden/golden-table.tsx'
import { rowsCommand } from '#components/golden/rows-command.ts'
import { answerIn, isOld, rowsIn } from '#components/live/answer-rows.ts'
import { useQuestion } from '#components/live/use-question.ts'
import { ProfileHint } from '#components/routes/profile-hint.tsx'
import { RouteTable } from '#components/routes/route-table.tsx'
import { toldRoutes } from '#components/routes/told-routes.ts'
import { PageFrame } from '#components/shell/page-frame.tsx'
import { AnswerNotes } from '#components/time/answer-notes.tsx'
import { FailureNotice } from '#components/time/failure-notice.tsx'
import { useTime } from '#components/time/use-time.ts'
import { Aged } from '#components/ui/aged.tsx'
import { ServiceBadges, ServiceFacts } from '#components/workloads/service-facts.tsx'
import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'

const charts = ['requests', 'success', 'latency', 'bytes', 'connections'] as const

/** A service: what its callers saw of it, who they are, the workloads behind it and its routes. */
export function ServicePage({ of }: { readonly of: ResourceRef }) {
  const time = useTime()
  const { namespace, name } = of
  const id = resourceId(of)
  const ask = { resource: `service/${name}`, namespace }
  const toIt = { to: ask.resource, toNamespace: namespace }

  const golden = useQuestion('golden', { ...ask, ...time.params }, time.options)
  const callers = rowsIn(
    useQuestion('golden', { resource: 'workload', namespace: '_all', ...toIt, ...time.params }, time.options),
  )
  const workloads = rowsIn(
    useQuestion('golden', { resource: 'workload', namespace, ...time.params }, time.options),
  )
  const routes = rowsIn(useQuestion('routes', { ...ask, ...time.params }, time.options))
  const services = rowsIn(useQuestion('services', { namespace }))?.filter(one => one.id === id) ?? null
  const service = services?.[0] ?? null

  const row = rowsIn(golden)?.[0] ?? null
  const answer = answerIn(golden)
  const behind = new Set(service?.workloads)
  const selected = service && (workloads?.filter(one => behind.has(one.id)) ?? null)
  const told = toldRoutes(routes, services)
  const flags = `-n ${namespace}${time.flag}`
  return (
    <PageFrame
      title={name}
      breadcrumbs={crumbsOf(namespace)}
      subtitle={<ServiceBadges service={service} />}
      tools={golden.state !== 'failed' && <ResourceTools resource={of} canTap={false} />}
    >
      {golden.state === 'failed' ? (
        <FailureNotice failure={golden.failure} retry={golden.retry} />
      ) : (
        <Aged isOld={isOld(golden)}>
          <ServiceFacts service={service} />
          <CourseSection
            ask={ask}
            numbers={row && answer && { ...row, span: answer.span }}
            missing={row === null ? '' : missingReason[conditionOf(row)]}
            notes={<AnswerNotes choice={time.choice} answer={answer} />}
            charts={charts}
            tools={null}
            command={`meshscope stat svc/${name} ${flags}`}
          />
          <GoldenTable
            title="Inbound"
            aside="who calls it, as they counted"
            of="callers"
            rows={callers}
            empty="Nobody with a proxy called it in this time"
            command={`meshscope stat workload -A --to svc/${name} --to-namespace ${namespace}${time.flag}`}
          />
          {/* What stands below a table of unknown length appears with it, rather than being pushed down by it. */}
          {callers !== null && (
            <GoldenTable
              title="Behind it"
              aside="the workloads it selects, with all that they received"
              of="workloads"
              rows={selected}
              empty="It selects no workload: compare its selector with the labels of the pods"
              command={rowsCommand(selected ?? [], 'workload', flags)}
            />
          )}
          {callers !== null && workloads !== null && (
            <RouteTable
              rows={told.rows}
              services={false}
              empty="None"
              command={`meshscope routes svc/${name} ${flags} -o wide`}
            >
              <ProfileHint services={told.bare} />
            </RouteTable>
          )}
        </Aged>
      )}
    </PageFrame>
  )
}
