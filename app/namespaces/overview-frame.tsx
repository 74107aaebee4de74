import type { ReactNode } from 'react'
import styles from './overview.module.css'

interface OverviewFrameProps {
  /** Controls at the end of the heading's line. */
  readonly tools?: ReactNode
  readonly children?: ReactNode
}

/** The overview without its contents. */
export function OverviewFrame({ tools, children }: OverviewFrameProps) {
  return (
    <main className={styles.page} id="main" tabIndex={-1}>
      <div className={styles.head}>
        <h1 className={styles.title}>Mesh overview</h1>
        {tools}
      </div>
      {children}
    </main>
  )
}
