'use client'

import { usePathname } from 'next/navigation'
import { type ReactNode, Suspense, useEffect, useRef } from 'react'
import { basePath } from '#components/live/base-path.ts'
import { PageLink } from '#components/ui/page-link.tsx'
import { type Page, pageAt, pages } from './pages.ts'
import styles from './site-header.module.css'

/** Links to the pages, over the same time; the one that is open is marked. */
export function PageNav() {
  const open = pageAt(usePathname())
  const nav = useRef<HTMLElement>(null)
  // Where there is no room for all of them, the open one is in view.
  useEffect(() => {
    const link = open && nav.current?.querySelector('[aria-current]')
    link?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [open])
  return (
    <nav ref={nav} className={styles.nav} aria-label="Pages">
      <Suspense fallback={pages.map(page => plainLink(page, open))}>
        {pages.map(page => (
          <PageLink
            key={page.path}
            to={page.path}
            className={styles.link}
            current={page === open ? 'page' : undefined}
          >
            {page.name}
          </PageLink>
        ))}
      </Suspense>
    </nav>
  )
}

function plainLink(page: Page, open: Page | undefined): ReactNode {
  return (
    <a
      key={page.path}
      className={styles.link}
      href={`${basePath}${page.path}`}
      aria-current={page === open ? 'page' : undefined}
    >
      {page.name}
    </a>
  )
}
