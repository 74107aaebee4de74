import type { ReactNode } from 'react'
import styles from './badge.module.css'
import { Hint } from './hint.tsx'

interface BadgeProps {
  readonly tone?: 'quiet' | 'dashed' | 'warn' | 'bad'
  /** Why the badge is there, shown on hover and focus. */
  readonly reason?: string
  readonly children: ReactNode
}

/** A word or two about a thing, beside its name. */
export function Badge({ tone = 'quiet', reason, children }: BadgeProps) {
  return (
    <Hint className={`${styles.badge} ${tone === 'quiet' ? '' : styles[tone]}`} words={reason}>
      {children}
    </Hint>
  )
}
