'use client'

import { useSearchParams } from 'next/navigation'
import { answerIn, isOld, rowsIn } from '#components/live/answer-rows.ts'
import { useQuestion } from '#components/live/use-question.ts'
import { SplitTable } from '#components/splits/split-table.tsx'
import { AnswerNotes } from '#components/time/answer-notes.tsx'
import { FailureNotice } from '#components/time/failure-notice.tsx'
import { useTime } from '#components/time/use-time.ts'
import { Aged } from '#components/ui/aged.tsx'
import { Notice } from '#components/ui/notice.tsx'
import { shellWord } from '#components/ui/shell-word.ts'

/** The splits of the namespace that the address names, or of the whole mesh. */
export function Splits() {
  const search = useSearchParams()
  const { choice, flag, options, params } = useTime()
  const namespace = search.get('namespace')
  const splits = useQuestion('splits', { namespace: namespace ?? '_all', ...params }, options)
  if (splits.state === 'failed') return <FailureNotice failure={splits.failure} retry={splits.retry} />
  const rows = rowsIn(splits)
  if (rows?.length === 0) return <NoSplit />
  return (
    <Aged isOld={isOld(splits)}>
      <SplitTable
        rows={rows}
        notes={<AnswerNotes choice={choice} answer={answerIn(splits)} />}
        command={`meshscope splits${namespace === null ? ' -A' : ` -n ${shellWord(namespace)}`}${flag}`}
      />
    </Aged>
  )
}

function NoSplit() {
  return (
    <Notice kind="empty" title="No service is split here">
      <p>
        A <code>TrafficSplit</code>, or <code>dstOverrides</code> of a ServiceProfile, sends what is asked of
        a service to others by weight: for a canary, say.
      </p>
    </Notice>
  )
}
