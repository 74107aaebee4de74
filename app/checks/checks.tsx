'use client'

import { CheckList } from '#components/checks/check-list.tsx'
import { SelfNumbers } from '#components/checks/self-numbers.tsx'
import { answerIn, isOld } from '#components/live/answer-rows.ts'
import { useQuestion } from '#components/live/use-question.ts'
import { FailureNotice } from '#components/time/failure-notice.tsx'
import { Aged } from '#components/ui/aged.tsx'

/** Whether what the pages show can be trusted, and how the server itself does. */
export function Checks() {
  const checks = useQuestion('checks', {})
  if (checks.state === 'failed') return <FailureNotice failure={checks.failure} retry={checks.retry} />
  const answer = answerIn(checks)
  return (
    <Aged isOld={isOld(checks)}>
      <CheckList rows={answer?.rows ?? null} command="meshscope check" />
      {answer !== null && <SelfNumbers numbers={answer.numbers} />}
    </Aged>
  )
}
