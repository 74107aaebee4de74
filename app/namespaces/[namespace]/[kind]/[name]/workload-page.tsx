'use client'

import { lazy, Suspense } from 'react'
import { conditionOf, missingReason, shownGolden } from '#components/golden/condition.ts'
import { rowsCommand } from '#components/golden/rows-command.ts'
import { answerIn, isOld, rowsIn } from '#components/live/answer-rows.ts'
import { useQuestion } from '#components/live/use-question.ts'
import { PageFrame } from '#components/shell/page-frame.tsx'
import { AnswerNotes } from '#components/time/answer-notes.tsx'
import { FailureNotice } from '#components/time/failure-notice.tsx'
import { useTime } from '#components/time/use-time.ts'
import { Aged } from '#components/ui/aged.tsx'
import { Segments } from '#components/ui/segments.tsx'
import { shellWord } from '#components/ui/shell-word.ts'
import { useUrlParam } from '#components/ui/use-url-param.ts'
import { ResourceBadges, ResourceFacts } from '#components/workloads/resource-facts.tsx'
import type { WorkloadRow } from '#lib/api/inventory.ts'
import { shortKind } from '#lib/resources/kinds.ts'
import { type ResourceRef, resourceId } from '#lib/resources/resource-ref.ts'
import { CourseSection } from './course-section.tsx'
import { crumbsOf } from './crumbs.ts'
import styles from './resource.module.css'
import { ResourceTools } from './resource-tools.tsx'

// They stand below the numbers, which do not wait for them.
const EdgeTable = lazy(async () => ({
  default: (await import('#components/workloads/edge-table.tsx')).EdgeTable,
}))
const GoldenTable = lazy(async () => ({
  default: (await import('#components/golden/golden-table.tsx')).GoldenTable,
}))
const WorkloadRoutes = lazy(async () => ({
  default: (await import('./workload-routes.tsx')).WorkloadRoutes,
}))

const directions = [
  { value: 'received', words: 'received', meaning: 'What others asked of it, as it counted' },
  { value: 'sent', words: 'sent', meaning: 'What it asked of others, as it counted' },
] as const

const charts = ['requests', 'success', 'latency', 'bytes', 'connections'] as const

/** A workload or a pod: its golden metrics over time, its callers and callees, its pods and routes. */
export function WorkloadPage({ of }: { readonly of: ResourceRef }) {
  const time = useTime()
  const [directionText, setDirection] = useUrlParam('traffic')
  const { namespace, kind, name } = of
  const id = resourceId(of)
  const resource = `${kind}/${name}`
  const inNamespace = { namespace, ...time.params }

  const received = useQuestion('golden', { resource, ...inNamespace }, time.options)
  const receivedRow = rowsIn(received)?.[0] ?? null
  const onlySends = receivedRow !== null && conditionOf(receivedRow) === 'sending'
  const direction = directionText === 'sent' || (onlySends && directionText === null) ? 'sent' : 'received'
  const ask = { resource, namespace, ...(direction === 'sent' ? { to: 'mesh' } : {}) }
  const shown = useQuestion('golden', { ...ask, ...time.params }, time.options)
  const edges = rowsIn(useQuestion('edges', { resource, ...inNamespace }, time.options))
  const pods = rowsIn(useQuestion('golden', { resource: 'pod', ...inNamespace }, time.options))
  const workloads = rowsIn(useQuestion('workloads', { namespace }))

  const workload = workloads?.find(row => row.id === id || (kind === 'pod' && hasPod(row, name))) ?? null
  const answer = answerIn(shown)
  const row = answer?.rows[0] ?? null
  const short = shellWord(`${shortKind(kind)}/${name}`)
  const flags = `-n ${shellWord(namespace)}${time.flag}`
  const own =
    workloads && (pods?.filter(pod => workload !== null && hasPod(workload, pod.resource.name)) ?? null)
  const edgesCommand = `meshscope edges ${short} ${flags} -o wide`
  const failed = received.state === 'failed' ? received : shown.state === 'failed' ? shown : null
  return (
    <PageFrame
      title={name}
      breadcrumbs={crumbsOf(namespace)}
      subtitle={<ResourceBadges kind={kind} row={receivedRow} />}
      tools={failed === null && <ResourceTools resource={of} canTap={receivedRow?.meshed.running !== 0} />}
    >
      {failed ? (
        <FailureNotice failure={failed.failure} retry={failed.retry} />
      ) : (
        <Aged isOld={isOld(shown)}>
          <ResourceFacts kind={kind} name={name} workload={workload} />
          <CourseSection
            ask={ask}
            numbers={row && answer && { ...row, golden: shownGolden(row), span: answer.span }}
            missing={row === null ? '' : missingReason[conditionOf(row)]}
            notes={<AnswerNotes choice={time.choice} answer={answer} />}
            charts={charts}
            tools={
              <Segments
                name="Traffic"
                hidesName
                isSmall
                chosen={direction}
                options={directions}
                onChoose={next => setDirection(next === 'sent' || onlySends ? next : null)}
              />
            }
            command={`meshscope stat ${short} ${flags}${direction === 'sent' ? ' --to mesh' : ''}`}
          />
          <Suspense fallback={<div className={styles.later} />}>
            <EdgeTable side="inbound" of={id} edges={edges} command={edgesCommand} />
            {/* What stands below a table of unknown length appears with it, rather than being pushed down by it. */}
            {edges !== null && <EdgeTable side="outbound" of={id} edges={edges} command={edgesCommand} />}
            <Suspense fallback={null}>
              {edges !== null && kind !== 'pod' && (
                <GoldenTable
                  title="Pods"
                  aside="what each received"
                  of="pods"
                  rows={own}
                  empty="It has no pod now"
                  command={rowsCommand(own ?? [], 'pod', flags)}
                />
              )}
              {edges !== null && workload !== null && (kind === 'pod' || pods !== null) && (
                <WorkloadRoutes
                  of={of}
                  workload={workload}
                  command={`meshscope routes ${short} ${flags} -o wide`}
                />
              )}
            </Suspense>
          </Suspense>
        </Aged>
      )}
    </PageFrame>
  )
}

function hasPod({ pods }: WorkloadRow, name: string): boolean {
  return pods.some(pod => pod.name === name)
}
