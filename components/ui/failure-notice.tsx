'use client'

import { Notice } from './notice.tsx'

interface FailureNoticeProps {
  /** Why a question has no answer: a code, what happened, what to do. */
  readonly failure: { readonly code: string; readonly message: string; readonly hint: string }
  readonly retry: () => void
}

/** Says why a question was not answered and what to do, in the place of what the answer would show. */
export function FailureNotice({ failure, retry }: FailureNoticeProps) {
  return (
    <Notice kind="failed" title={failure.message} action={{ label: 'Try again', run: retry }}>
      <p>{failure.hint}</p>
      <p>
        <code>{failure.code}</code>
      </p>
    </Notice>
  )
}
