import type { ReactNode } from 'react'
import styles from './panel.module.css'

interface PanelHeadProps {
  /** What kind of thing it is. */
  readonly kind: string
  readonly onClose: () => void
  readonly children: ReactNode
}

/** The name of what a panel is about, and the way to close it. */
export function PanelHead({ kind, onClose, children }: PanelHeadProps) {
  return (
    <header className={styles.head}>
      <div className={styles.names}>
        <p className={styles.kind}>{kind}</p>
        <h2 className={styles.title}>{children}</h2>
      </div>
      <button
        type="button"
        className={styles.close}
        aria-label="Close details"
        aria-description="Close (Esc)"
        onClick={onClose}
      >
        ✕
      </button>
    </header>
  )
}
