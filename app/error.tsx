'use client'

import { Notice } from '#components/ui/notice.tsx'
import styles from './namespaces/overview.module.css'

export default function PageError({ error, reset }: { readonly error: Error; readonly reset: () => void }) {
  return (
    <main className={styles.page} id="main">
      <Notice kind="failed" title="This page broke" action={{ label: 'Draw it again', run: reset }}>
        <p>{error.message}</p>
        <p>The fault is in meshscope itself: please report it with the address of this page</p>
      </Notice>
    </main>
  )
}
