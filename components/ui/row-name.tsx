import type { ReactNode } from 'react'
import styles from './row-name.module.css'

interface RowNameProps {
  /** What its columns would say where there is no room for them: a line below the name. */
  readonly below?: ReactNode
  /** From which width down that line stands there: the one at which the columns leave. */
  readonly belowFrom?: 'middling' | 'minor'
  /** The name, and short words or badges beside it. */
  readonly children: ReactNode
}

/** What a row is called. On a narrow screen it breaks into lines rather than being cut. */
export function RowName({ below, belowFrom = 'middling', children }: RowNameProps) {
  return (
    <>
      <span className={styles.name}>{children}</span>
      {below !== undefined && <span className={`${styles.below} ${styles[belowFrom]}`}>{below}</span>}
    </>
  )
}

/** Words that matter less than their neighbours. */
export function Quiet({ children }: { readonly children: ReactNode }) {
  return <span className={styles.quiet}>{children}</span>
}
