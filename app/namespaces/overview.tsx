'use client'

import { GoldenTable } from '#components/golden/golden-table.tsx'
import { answerIn, isOld, rowsIn } from '#components/live/answer-rows.ts'
import { useQuestion } from '#components/live/use-question.ts'
import { MeshFigures } from '#components/mesh/mesh-figures.tsx'
import { AnswerNotes } from '#components/time/answer-notes.tsx'
import { FailureNotice } from '#components/time/failure-notice.tsx'
import { trendOf } from '#components/time/trend.ts'
import { useTime } from '#components/time/use-time.ts'
import { useWarmLinks } from '#components/topology/use-warm-links.ts'
import { Aged } from '#components/ui/aged.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { WorkloadTable } from '#components/workloads/workload-table.tsx'

/** The mesh, its namespaces and its workloads, over the time in the address. */
export function Overview() {
  useWarmLinks()
  const { choice, params, options, flag } = useTime()
  const trend = trendOf(choice)
  const mesh = useQuestion('golden', { resource: 'mesh', ...params }, options)
  const meshTrend = useQuestion(
    'series',
    { resource: 'mesh', ...trend.params },
    choice.kind === 'range' ? trend : {},
  )
  const namespaces = useQuestion('golden', { resource: 'namespace', ...params }, options)
  const workloads = useQuestion('golden', { resource: 'workload', namespace: '_all', ...params }, options)
  const workloadTrends = useQuestion(
    'series',
    { resource: 'workload', namespace: '_all', ...trend.params },
    trend,
  )

  const failures = [mesh, namespaces, workloads].filter(question => question.state === 'failed')
  const [failed] = failures
  const retryAll = () => {
    for (const { retry } of failures) retry()
  }
  if (failed) return <FailureNotice failure={failed.failure} retry={retryAll} />
  const workloadRows = rowsIn(workloads)
  const namespaceRows = rowsIn(namespaces)
  if (workloadRows?.length === 0) return <EmptyMesh />
  return (
    <Aged isOld={isOld(mesh)}>
      <MeshFigures
        of="the mesh"
        row={rowsIn(mesh)?.[0] ?? null}
        series={rowsIn(meshTrend)?.[0] ?? null}
        trendWords={trend.words}
        notes={<AnswerNotes choice={choice} answer={answerIn(mesh)} />}
      />
      <GoldenTable
        title="Namespaces"
        of="namespaces"
        rows={namespaceRows}
        empty="There is no namespace"
        command={`meshscope stat ns${flag} --unmeshed`}
      />
      {/* What stands below a table of unknown length appears with it, rather than being pushed down by it. */}
      {namespaceRows !== null && (
        <WorkloadTable
          rows={workloadRows}
          series={rowsIn(workloadTrends) ?? noSeries}
          trendNote={
            workloadTrends.state === 'failed'
              ? `no trends: ${workloadTrends.failure.message}`
              : `trends of ${trend.words}`
          }
          windowFlag={flag}
        />
      )}
    </Aged>
  )
}

const noSeries: readonly never[] = []

function EmptyMesh() {
  return (
    <Notice kind="empty" title="There is nothing in this mesh yet">
      <p>
        The server runs, but its mesh file names no running instance. Add <code>Pod</code> or{' '}
        <code>ExternalWorkload</code> documents to it, or name another with <code>--mesh-file</code>; they
        appear here without a restart.
      </p>
      <p>
        To look around first, run the demo mesh: <code>npm run demo</code>
      </p>
    </Notice>
  )
}
