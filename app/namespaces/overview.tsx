'use client'

import { useConnection } from '#components/live/use-connection.ts'
import { type QuestionState, useQuestion } from '#components/live/use-question.ts'
import { useServerNow } from '#components/live/use-server-now.ts'
import { MeshFigures } from '#components/mesh/mesh-figures.tsx'
import { StatusStrip } from '#components/mesh/status-strip.tsx'
import { NamespaceTable } from '#components/namespaces/namespace-table.tsx'
import { useWindow } from '#components/time/use-window.ts'
import { defaultWindow, trendOf, windowWords } from '#components/time/window.ts'
import { WindowPicker } from '#components/time/window-picker.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { parseSort, sortText } from '#components/ui/table-sort.ts'
import { useUrlParam } from '#components/ui/use-url-param.ts'
import { WorkloadTable } from '#components/workloads/workload-table.tsx'
import styles from './overview.module.css'
import { OverviewFrame } from './overview-frame.tsx'

/** The mesh, its namespaces and its workloads, over the window in the address. */
export function Overview() {
  const [window, setWindow] = useWindow()
  const [sort, setSort] = useUrlParam('sort')
  const trend = trendOf(window)
  const mesh = useQuestion('golden', { resource: 'mesh', window })
  const meshTrend = useQuestion('series', { resource: 'mesh', window: trend.window })
  const namespaces = useQuestion('golden', { resource: 'namespace', window })
  const workloads = useQuestion('golden', { resource: 'workload', namespace: '_all', window })
  const workloadTrends = useQuestion(
    'series',
    { resource: 'workload', namespace: '_all', window: trend.window },
    { freshEveryMs: trend.freshEveryMs },
  )
  const connection = useConnection()
  const nowMs = useServerNow()

  const windowFlag = window === defaultWindow ? '' : ` -t ${window}`
  const trendWords = windowWords[trend.window]
  const failures = [mesh, namespaces, workloads].filter(question => question.state === 'failed')
  const [failed] = failures
  const retryAll = () => {
    for (const { retry } of failures) retry()
  }
  const workloadRows = rowsOf(workloads)
  return (
    <OverviewFrame tools={<WindowPicker window={window} onChoose={setWindow} />}>
      <StatusStrip mesh={mesh} connection={connection} nowMs={nowMs} windowWords={windowWords[window]} />
      {failed ? (
        <Notice kind="failed" title={failed.failure.message} action={{ label: 'Try again', run: retryAll }}>
          <p>{failed.failure.hint}</p>
          <p>
            <code>{failed.failure.code}</code>
          </p>
        </Notice>
      ) : workloadRows?.length === 0 ? (
        <EmptyMesh />
      ) : (
        <div className={`${styles.numbers} ${isOld(mesh) ? styles.old : ''}`}>
          <MeshFigures
            row={rowsOf(mesh)?.[0] ?? null}
            series={rowsOf(meshTrend)?.[0] ?? null}
            trendWords={trendWords}
          />
          <NamespaceTable rows={rowsOf(namespaces)} windowFlag={windowFlag} />
          <WorkloadTable
            rows={workloadRows}
            series={rowsOf(workloadTrends) ?? noSeries}
            trendNote={
              workloadTrends.state === 'failed'
                ? `no trends: ${workloadTrends.failure.message}`
                : `trends of ${trendWords}`
            }
            windowFlag={windowFlag}
            sort={parseSort(sort)}
            onSort={next => setSort(next === null ? null : sortText(next))}
          />
        </div>
      )}
    </OverviewFrame>
  )
}

const noSeries: readonly never[] = []

function rowsOf<Row>(question: QuestionState<{ readonly rows: readonly Row[] }>): readonly Row[] | null {
  return question.state === 'loading' || question.state === 'failed' ? null : question.answer.rows
}

function isOld(question: QuestionState<unknown>): boolean {
  return question.state === 'stale' || question.state === 'changing'
}

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
