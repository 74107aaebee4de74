import type { ReactNode } from 'react'
import styles from './card-note.module.css'

/** A sentence below what a card shows, on how to read it. */
export function CardNote({ children }: { readonly children: ReactNode }) {
  return <p className={styles.note}>{children}</p>
}
