'use client'

import { answerIn, isOld, rowsIn } from '#components/live/answer-rows.ts'
import { useQuestion } from '#components/live/use-question.ts'
import { MeshFigures } from '#components/mesh/mesh-figures.tsx'
import { AnswerNotes } from '#components/time/answer-notes.tsx'
import { FailureNotice } from '#components/time/failure-notice.tsx'
import { trendOf } from '#components/time/trend.ts'
import { useTime } from '#components/time/use-time.ts'
import { Aged } from '#components/ui/aged.tsx'
import { WorkloadTable } from '#components/workloads/workload-table.tsx'
import { NarrowedTable } from './narrowed-table.tsx'

const noSeries: readonly never[] = []

/** A namespace's figures, and what is in it: workloads, services, pods. */
export function NamespaceNumbers({ namespace }: { readonly namespace: string }) {
  const { choice, params, options, flag } = useTime()
  const trend = trendOf(choice)
  const resource = `ns/${namespace}`
  const whole = useQuestion('golden', { resource, ...params }, options)
  const wholeTrend = useQuestion(
    'series',
    { resource, ...trend.params },
    choice.kind === 'range' ? trend : {},
  )
  const workloads = useQuestion('golden', { resource: 'workload', namespace, ...params }, options)
  const trends = useQuestion('series', { resource: 'workload', namespace, ...trend.params }, trend)
  const services = useQuestion('golden', { resource: 'service', namespace, ...params }, options)
  const pods = useQuestion('golden', { resource: 'pod', namespace, ...params }, options)

  const failures = [whole, workloads, services, pods].filter(question => question.state === 'failed')
  const [failed] = failures
  if (failed) {
    const retryAll = () => {
      for (const { retry } of failures) retry()
    }
    return <FailureNotice failure={failed.failure} retry={retryAll} />
  }
  const [workloadRows, serviceRows, podRows] = [rowsIn(workloads), rowsIn(services), rowsIn(pods)]
  return (
    <Aged isOld={isOld(whole)}>
      <MeshFigures
        of={namespace}
        row={rowsIn(whole)?.[0] ?? null}
        series={rowsIn(wholeTrend)?.[0] ?? null}
        trendWords={trend.words}
        notes={<AnswerNotes choice={choice} answer={answerIn(whole)} />}
      />
      <WorkloadTable
        rows={workloadRows}
        series={rowsIn(trends) ?? noSeries}
        trendNote={
          trends.state === 'failed' ? `no trends: ${trends.failure.message}` : `trends of ${trend.words}`
        }
        windowFlag={flag}
        namespace={namespace}
      />
      {/* What stands below a table of unknown length appears with it, rather than being pushed down by it. */}
      {workloadRows !== null && (
        <NarrowedTable
          title="Services"
          aside="as counted by their callers"
          of="services"
          rows={serviceRows}
          empty="There is no service in this namespace"
          command={`meshscope stat svc -n ${namespace}${flag}`}
        />
      )}
      {workloadRows !== null && serviceRows !== null && (
        <NarrowedTable
          title="Pods"
          of="pods"
          rows={podRows}
          empty="There is no pod in this namespace"
          command={`meshscope stat pod -n ${namespace}${flag} --unmeshed`}
        />
      )}
    </Aged>
  )
}
