'use client'

import Link from 'next/link'
import { useSearchParams } from 'next/navigation'
import type { ReactNode } from 'react'
import { withTimeOf } from './page-path.ts'

interface PageLinkProps {
  /** An address within the dashboard, without the time, which is carried along. */
  readonly to: string
  readonly className?: string | undefined
  /** A sentence about where it leads, shown on hover and focus. */
  readonly hint?: string | undefined
  readonly current?: 'page' | undefined
  readonly children: ReactNode
}

/** A link to another page of the dashboard, over the same time. */
export function PageLink({ to, className, hint, current, children }: PageLinkProps) {
  const search = useSearchParams()
  return (
    <Link
      href={withTimeOf(to, search)}
      prefetch={false}
      className={className}
      aria-description={hint}
      aria-current={current}
    >
      {children}
    </Link>
  )
}
