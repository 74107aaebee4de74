import type { ReactNode } from 'react'
import { localNote } from '#components/time/local-time.ts'
import { Card } from '#components/ui/card.tsx'
import { CopyLine } from '#components/ui/copy-line.tsx'
import { Skeleton } from '#components/ui/skeleton.tsx'
import type { CheckRow } from '#lib/api/checks.ts'
import styles from './check-list.module.css'

const verdicts = {
  ok: { mark: '●', word: 'well' },
  warn: { mark: '▲', word: 'look' },
  fail: { mark: '■', word: 'failing' },
  unknown: { mark: '○', word: 'not known' },
} as const

/** About as many as the server makes, so that nothing moves when they come. */
const usualRows = 13

interface CheckListProps {
  /** `null` while loading. */
  readonly rows: readonly CheckRow[] | null
  readonly command: string
}

/** What was checked: whether it is well, what was found, and what helps where it is not. */
export function CheckList({ rows, command }: CheckListProps) {
  return (
    <Card title="Checks" aside={rows === null ? undefined : summary(rows)}>
      <ul className={styles.list} aria-busy={rows === null}>
        {rows === null
          ? Array.from({ length: usualRows }, (_, index) => <LoadingRow key={index} />)
          : rows.map(row => <Row key={row.id} row={row} />)}
      </ul>
      <CopyLine command={command} />
    </Card>
  )
}

/** How many of the checks ask for somebody. */
function summary(rows: readonly CheckRow[]): string {
  const failing = rows.filter(({ state }) => state === 'fail').length
  const warned = rows.filter(({ state }) => state === 'warn').length
  if (failing + warned === 0) return `${rows.length} · nothing has to be done`
  const parts = [failing > 0 ? `${failing} failing` : '', warned > 0 ? `${warned} to look at` : '']
  return `${rows.length} · ${parts.filter(part => part !== '').join(', ')}`
}

function Row({ row: { area, title, state, finding, meaning, hint } }: { readonly row: CheckRow }) {
  const { mark, word } = verdicts[state]
  return (
    <li className={`${styles.row} ${styles[state]}`}>
      <span className={styles.state}>
        <span className={styles.mark} aria-hidden="true">
          {mark}
        </span>{' '}
        {word}
      </span>
      <Words title={title} aside={area}>
        {meaning}
      </Words>
      <div className={styles.found}>
        <p>{localNote(finding, Date.now())}</p>
        {hint !== null && <p className={styles.hint}>→ {hint}</p>}
      </div>
    </li>
  )
}

interface WordsProps {
  readonly title: ReactNode
  readonly aside: string
  readonly children: ReactNode
}

function Words({ title, aside, children }: WordsProps) {
  return (
    <div className={styles.words}>
      <h3 className={styles.title}>
        {title} <span className={styles.area}>{aside}</span>
      </h3>
      <p className={styles.meaning}>{children}</p>
    </div>
  )
}

function LoadingRow() {
  return (
    <li className={styles.row}>
      <span className={styles.state}>
        <Skeleton size="short" />
      </span>
      <div className={styles.words}>
        <p className={styles.title}>
          <Skeleton size="short" />
        </p>
        <p className={styles.meaning}>
          <Skeleton size="long" />
        </p>
      </div>
      <div className={styles.found}>
        <Skeleton size="long" />
      </div>
    </li>
  )
}
