import type { ReactNode } from 'react'
import styles from './aged.module.css'

interface AgedProps {
  readonly isOld: boolean
  readonly children: ReactNode
}

/** Parts of a page that lose their colours while their numbers are old. Takes no room of its own. */
export function Aged({ isOld, children }: AgedProps) {
  return <div className={`${styles.contents} ${isOld ? styles.old : ''}`}>{children}</div>
}
