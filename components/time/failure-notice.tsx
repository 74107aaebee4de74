'use client'

import { Notice } from '#components/ui/notice.tsx'
import { useTime } from './use-time.ts'
import { defaultWindow, windowWords } from './window.ts'

interface FailureNoticeProps {
  /** Why a question has no answer: a code, what happened, what to do. */
  readonly failure: { readonly code: string; readonly message: string; readonly hint: string }
  readonly retry: () => void
}

/** Says why a question was not answered and offers what helps, in the place of what the answer would show. */
export function FailureNotice({ failure, retry }: FailureNoticeProps) {
  const { choose } = useTime()
  const goLive = {
    label: `Show the last ${windowWords(defaultWindow)}`,
    run: () => choose({ kind: 'window', window: defaultWindow }),
  }
  const isUnknown = failure.code.startsWith('UNKNOWN_')
  const isOfTime = /^(RANGE|WINDOW)_/.test(failure.code)
  const action = isOfTime ? goLive : { label: 'Try again', run: retry }
  return (
    <Notice kind={isUnknown ? 'empty' : 'failed'} title={failure.message} {...(isUnknown ? {} : { action })}>
      <p>{failure.hint}</p>
      {isUnknown && <p>Should it come into the mesh, it appears here by itself</p>}
      <p>
        <code>{failure.code}</code>
      </p>
    </Notice>
  )
}
