'use client'

import { CourseSection } from '#app/namespaces/[namespace]/[kind]/[name]/course-section.tsx'
import styles from '#app/namespaces/[namespace]/[kind]/[name]/resource.module.css'
import { GoldenTable } from '#components/golden/golden-table.tsx'
import { answerIn, isOld, rowsIn } from '#components/live/answer-rows.ts'
import { useQuestion } from '#components/live/use-question.ts'
import { CopyLink } from '#components/routes/copy-link.tsx'
import { defaultMeaning, defaultRoute } from '#components/routes/default-route.ts'
import { RouteFacts } from '#components/routes/route-facts.tsx'
import type { Crumb } from '#components/shell/breadcrumbs.tsx'
import { PageFrame } from '#components/shell/page-frame.tsx'
import { AnswerNotes } from '#components/time/answer-notes.tsx'
import { FailureNotice } from '#components/time/failure-notice.tsx'
import { useTime } from '#components/time/use-time.ts'
import { Aged } from '#components/ui/aged.tsx'
import { shellWord } from '#components/ui/shell-word.ts'
import type { ResourceRef } from '#lib/resources/resource-ref.ts'

const charts = ['requests', 'success', 'latency'] as const

interface NamedRouteProps {
  readonly service: ResourceRef
  readonly route: string
  readonly crumbs: readonly Crumb[]
}

/** One route: what its callers saw over time, who they are, and what they were answered. */
export function NamedRoute({ service, route, crumbs }: NamedRouteProps) {
  const time = useTime()
  const { namespace, name } = service
  const short = shellWord(`svc/${name}`)
  const resource = `service/${name}`
  const ask = { resource, namespace, route }
  const golden = useQuestion('golden', { ...ask, ...time.params }, time.options)
  const routes = useQuestion('routes', { resource, namespace, ...time.params }, time.options)
  const callers = useQuestion(
    'golden',
    { resource: 'workload', namespace: '_all', to: resource, toNamespace: namespace, route, ...time.params },
    time.options,
  )
  const row = rowsIn(golden)?.[0] ?? null
  const routeRow = rowsIn(routes)?.find(one => one.route === route) ?? null
  const answer = answerIn(golden)
  return (
    <PageFrame
      title={route}
      breadcrumbs={crumbs}
      subtitle={<RouteFacts row={routeRow} />}
      tools={<CopyLink span={golden.state === 'answered' ? golden.answer.span : null} />}
    >
      {golden.state === 'failed' ? (
        <FailureNotice failure={golden.failure} retry={golden.retry} />
      ) : (
        <Aged isOld={isOld(golden)}>
          {route === defaultRoute && <p className={styles.note}>{defaultMeaning}</p>}
          <CourseSection
            ask={ask}
            numbers={row && answer && { ...row, span: answer.span }}
            missing="No request of this route in this time"
            notes={<AnswerNotes choice={time.choice} answer={answer} />}
            charts={charts}
            tools={null}
            command={`meshscope routes ${short} -n ${shellWord(namespace)}${time.flag} -o wide`}
          />
          <GoldenTable
            title="Callers"
            aside="who asked for this route"
            of="routeCallers"
            rows={callers.state === 'failed' ? [] : rowsIn(callers)}
            empty={callers.state === 'failed' ? callers.failure.message : 'Nobody asked for it in this time'}
            command={`meshscope routes workload -A --to ${short} --to-namespace ${shellWord(namespace)}${time.flag} -o wide`}
          />
        </Aged>
      )}
    </PageFrame>
  )
}
