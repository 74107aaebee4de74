import { NoteMark } from '#components/ui/note-mark.tsx'
import type { Coverage } from '#lib/api/common.ts'
import { localNote } from './local-time.ts'
import type { TimeChoice } from './time-choice.ts'

interface AnswerNotesProps {
  readonly choice: TimeChoice
  /** What an answer says of itself; `null` while there is none. */
  readonly answer: { readonly coverage: Coverage; readonly note?: string | undefined } | null
}

/** What an answer leaves out: its note, and which proxies a fixed range lacks. Of a live window the shell tells that. */
export function AnswerNotes({ choice, answer }: AnswerNotesProps) {
  if (answer === null) return null
  const { expected, answered, missing } = answer.coverage
  const isPartial = choice.kind === 'range' && answered < expected
  if (!isPartial && answer.note === undefined) return null
  return (
    <NoteMark label={isPartial ? `${answered} of ${expected} proxies` : 'Note'} warns={isPartial}>
      {answer.note !== undefined && <p>{localNote(answer.note, Date.now())}</p>}
      {isPartial && (
        <p>
          {answered} of {expected} proxies were heard in this range.{' '}
          {missing
            .slice(0, 3)
            .map(({ namespace, pod, reason }) => `${namespace}/${pod}: ${reason}`)
            .join('; ')}
          {missing.length > 3 && `; and ${missing.length - 3} more`}
        </p>
      )}
    </NoteMark>
  )
}
