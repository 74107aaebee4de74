import type { ReactNode } from 'react'
import styles from './note-mark.module.css'

interface NoteMarkProps {
  /** What it is about, in two or three words. */
  readonly label: string
  /** Warns that something is missing; else it only explains. */
  readonly warns: boolean
  /** The sentences, shown over the page on demand. */
  readonly children: ReactNode
}

/** A small mark beside numbers that need a word of explanation. It may come and go without moving anything. */
export function NoteMark({ label, warns, children }: NoteMarkProps) {
  return (
    <details className={styles.note}>
      <summary className={`${styles.label} ${warns ? styles.warns : ''}`}>
        <span aria-hidden="true">{warns ? '◐' : '○'}</span> {label}
      </summary>
      <div className={styles.over}>{children}</div>
    </details>
  )
}
