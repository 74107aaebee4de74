import type { ReactNode } from 'react'
import styles from './badge.module.css'

interface BadgeProps {
  readonly tone?: 'quiet' | 'dashed' | 'warn' | 'bad'
  /** Why the badge is there, shown on hover. */
  readonly reason?: string
  readonly children: ReactNode
}

/** A word or two about a thing, beside its name. */
export function Badge({ tone = 'quiet', reason, children }: BadgeProps) {
  return (
    <span className={`${styles.badge} ${tone === 'quiet' ? '' : styles[tone]}`} title={reason}>
      {children}
    </span>
  )
}
