'use client'

import { useEffect, useSyncExternalStore } from 'react'
import styles from './toaster.module.css'
import { endToast, shownToasts, type ToastLine, watchToasts } from './toasts.ts'

const shownForMs = 5_000
const noLines: readonly ToastLine[] = []

/** Where what is said appears, and is read out. One stands in every page. */
export function Toaster() {
  const lines = useSyncExternalStore(watchToasts, shownToasts, () => noLines)
  return (
    <div className={styles.toaster} role="status">
      {lines.map(line => (
        <Line key={line.id} line={line} />
      ))}
    </div>
  )
}

function Line({ line: { id, words } }: { readonly line: ToastLine }) {
  useEffect(() => {
    const timer = setTimeout(() => endToast(id), shownForMs)
    return () => clearTimeout(timer)
  }, [id])
  return <p className={styles.line}>{words}</p>
}
