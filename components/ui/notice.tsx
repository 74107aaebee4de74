import type { ReactNode } from 'react'
import styles from './notice.module.css'

const marks = { empty: '○', partial: '◐', stale: '◷', failed: '✕' } as const

interface NoticeProps {
  /** Nothing there; some of it missing; old; or not to be had. Each looks different. */
  readonly kind: keyof typeof marks
  readonly title: string
  /** Why, and what to do. */
  readonly children: ReactNode
  readonly action?: { readonly label: string; readonly run: () => void }
}

/** Says that numbers are missing, incomplete or old, why, and what can be done. Failures are read out at once. */
export function Notice({ kind, title, children, action }: NoticeProps) {
  return (
    <div className={`${styles.notice} ${styles[kind]}`} role={kind === 'failed' ? 'alert' : 'status'}>
      <span className={styles.mark} aria-hidden="true">
        {marks[kind]}
      </span>
      <p className={styles.title}>{title}</p>
      <div className={styles.body}>
        {children}
        {action !== undefined && (
          <button className={styles.button} type="button" onClick={action.run}>
            {action.label}
          </button>
        )}
      </div>
    </div>
  )
}
