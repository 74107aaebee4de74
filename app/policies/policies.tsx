'use client'

import { useSearchParams } from 'next/navigation'
import { answerIn, isOld, rowsIn } from '#components/live/answer-rows.ts'
import { useQuestion } from '#components/live/use-question.ts'
import { PolicyView, PolicyViewAtRest } from '#components/policies/policy-view.tsx'
import { AnswerNotes } from '#components/time/answer-notes.tsx'
import { FailureNotice } from '#components/time/failure-notice.tsx'
import { useTime } from '#components/time/use-time.ts'
import { Aged } from '#components/ui/aged.tsx'
import { shellWord } from '#components/ui/shell-word.ts'

/** The policies of the namespace that the address names, or of the whole mesh. */
export function Policies() {
  const search = useSearchParams()
  const { choice, flag, options, params } = useTime()
  const namespace = search.get('namespace')
  const policies = useQuestion('policies', { namespace: namespace ?? '_all', ...params }, options)
  if (policies.state === 'failed') return <FailureNotice failure={policies.failure} retry={policies.retry} />
  const rows = rowsIn(policies)
  if (rows === null) return <PolicyViewAtRest />
  return (
    <Aged isOld={isOld(policies)}>
      <PolicyView
        rows={rows}
        filter={search.get('filter') ?? ''}
        notes={<AnswerNotes choice={choice} answer={answerIn(policies)} />}
        flags={`${namespace === null ? ' -A' : ` -n ${shellWord(namespace)}`}${flag}`}
      />
    </Aged>
  )
}
