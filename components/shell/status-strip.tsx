'use client'

import type { Connection } from '#components/live/connection.ts'
import type { QuestionState } from '#components/live/use-question.ts'
import { type TimeChoice, timeWords } from '#components/time/time-choice.ts'
import { windowMs } from '#components/time/window.ts'
import type { Coverage } from '#lib/api/common.ts'
import type { GoldenAnswer } from '#lib/api/golden.ts'
import { duration } from '#lib/metrics/format.ts'
import { paceMs } from '#lib/metrics/pace.ts'
import { ConnectionWords } from './connection-words.tsx'
import { MissingProxies } from './missing-proxies.tsx'
import styles from './status-strip.module.css'

const oldAfterMs = 30_000

interface StatusStripProps {
  readonly mesh: QuestionState<GoldenAnswer>
  readonly connection: Connection
  /** The server's time; `null` before it is known. */
  readonly nowMs: number | null
  /** The time that the page shows. */
  readonly choice: TimeChoice
}

/**
 * How far the numbers can be trusted: connection, proxies that answered, age of the data. It keeps its height, a line
 * or on narrow screens two, whatever it says; details open over the page.
 */
export function StatusStrip({ mesh, connection, nowMs, choice }: StatusStripProps) {
  const answer = mesh.state === 'loading' || mesh.state === 'failed' ? null : mesh.answer
  const ageMs = answer === null || nowMs === null ? null : Math.max(0, nowMs - Date.parse(answer.span.end))
  const isAged = ageMs !== null && ageMs > oldAfterMs
  const isPartial = answer !== null && answer.coverage.answered < answer.coverage.expected
  const isRefused = answer?.coverage.refused !== undefined
  const tone = mesh.state === 'stale' ? styles.stale : isPartial || isRefused ? styles.partial : ''
  const words = wordsFor(mesh, answer?.coverage ?? null, choice)
  return (
    <section className={`${styles.strip} ${tone}`} aria-label="State of the data">
      <div className={styles.inner}>
        <span className={`${styles.item} ${styles.state}`}>
          <ConnectionWords connection={connection} nowMs={nowMs} />
        </span>
        <span className={`${styles.item} ${styles.proxies} ${isPartial ? styles.warn : ''}`}>
          {answer !== null && answer.coverage.expected > 0 && (
            <>
              {isPartial && '◐ '}
              {answer.coverage.answered} of {answer.coverage.expected} proxies answering
            </>
          )}
        </span>
        <span className={`${styles.item} ${styles.age} ${isAged ? styles.warn : ''}`}>
          {ageMs !== null && `${isAged ? '◷ ' : ''}data ${duration(ageMs)} old`}
        </span>
        <span className={styles.words} aria-description={words}>
          {words}
        </span>
        {answer !== null && answer.coverage.missing.length > 0 && (
          <MissingProxies missing={answer.coverage.missing} />
        )}
        {answer?.coverage.refused !== undefined && (
          <details className={styles.details}>
            <summary className={styles.warn}>◬ The newest description of the mesh was refused</summary>
            <p className={styles.over}>
              The last good one stays in use: <code>{answer.coverage.refused}</code>
            </p>
          </details>
        )}
      </div>
    </section>
  )
}

function wordsFor(mesh: QuestionState<GoldenAnswer>, coverage: Coverage | null, choice: TimeChoice): string {
  switch (mesh.state) {
    case 'loading':
      return 'Asking for the first numbers'
    case 'failed':
      return ''
    case 'changing':
      return `Asking for the last ${timeWords(choice)}; the numbers below are of the window before`
    case 'stale':
      return mesh.failure === null
        ? 'Numbers still shown are the last ones known. They go on by themselves once the server is back'
        : `Numbers still shown are the last ones known: ${mesh.failure.message}. ${mesh.failure.hint}`
    case 'answered':
      if (coverage?.expected === 0) return 'There is no proxy to ask'
      if (choice.kind === 'range') return `The page shows a fixed range of ${timeWords(choice)}`
      if (coverage === null || coverage.answered >= coverage.expected)
        return `Sums of the last ${timeWords(choice)}${paceWords(choice)}`
      return coverage.answered === 0
        ? 'No proxy answers; numbers still shown are older. Check that the proxies run and can be reached'
        : 'What the missing proxies carried since then is not in these numbers'
  }
}

function paceWords(choice: TimeChoice): string {
  const everyMs = choice.kind === 'window' ? paceMs(windowMs(choice.window)) : 0
  return everyMs === 0 ? '' : `, made anew every ${duration(everyMs)}`
}
