'use client'

import Link from 'next/link'
import { useSearchParams } from 'next/navigation'
import type { ReactNode } from 'react'
import { withTimeOf } from './page-path.ts'

interface PageLinkProps {
  /** An address within the dashboard, without the time, which is carried along. */
  readonly to: string
  readonly className?: string | undefined
  readonly title?: string | undefined
  readonly current?: 'page' | undefined
  readonly children: ReactNode
}

/** A link to another page of the dashboard, over the same time. */
export function PageLink({ to, className, title, current, children }: PageLinkProps) {
  const search = useSearchParams()
  return (
    <Link
      href={withTimeOf(to, search)}
      prefetch={false}
      className={className}
      title={title}
      aria-current={current}
    >
      {children}
    </Link>
  )
}
