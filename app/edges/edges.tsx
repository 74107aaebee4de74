'use client'

import { useSearchParams } from 'next/navigation'
import { type EdgeChoice, EdgeView, parseEdgeKind } from '#components/edges/edge-view.tsx'
import { parseEdgeFilter } from '#components/golden/edge-filter.ts'
import { useQuestion } from '#components/live/use-question.ts'
import { FailureNotice } from '#components/time/failure-notice.tsx'
import { useTime } from '#components/time/use-time.ts'
import { setUrlParams } from '#components/ui/set-url-params.ts'

/** The edges that the address asks for. */
export function Edges() {
  const search = useSearchParams()
  const { params, options, flag } = useTime()
  const choice: EdgeChoice = {
    kind: parseEdgeKind(search.get('between')),
    namespace: search.get('namespace') ?? '',
    filter: parseEdgeFilter(search.get('filter')),
    text: search.get('find') ?? '',
  }
  const namespace = choice.namespace === '' ? '_all' : choice.namespace
  const edges = useQuestion(
    'edges',
    { resource: choice.kind, ...(choice.kind === 'namespace' ? {} : { namespace }), ...params },
    options,
  )
  if (edges.state === 'failed') return <FailureNotice failure={edges.failure} retry={edges.retry} />
  return (
    <EdgeView
      rows={edges.state === 'loading' ? null : edges.answer.rows}
      choice={choice}
      onChoice={next =>
        setUrlParams(
          {
            between: next.kind === 'workload' ? null : next.kind,
            namespace: next.namespace === '' ? null : next.namespace,
            filter: next.filter === 'all' ? null : next.filter,
            find: next.text === '' ? null : next.text,
          },
          // Going back undoes choices, not letters.
          next.text === choice.text ? 'push' : 'replace',
        )
      }
      timeFlag={flag}
    />
  )
}
