import { Suspense } from 'react'
import { PageLink } from '#components/ui/page-link.tsx'
import { ThemeToggle } from '#components/ui/theme-toggle.tsx'
import { NamespacePicker, NamespacePickerAtRest } from './namespace-picker.tsx'
import { PageNav } from './page-nav.tsx'
import { PaletteButton } from './palette-button.tsx'
import styles from './site-header.module.css'

/** The line at the top of every page: where one is, where one can go, which namespace, search, light or dark. */
export function SiteHeader() {
  return (
    <header className={styles.header}>
      <a className={styles.skip} href="#main">
        Skip to content
      </a>
      <div className={styles.inner}>
        <Suspense fallback={<span className={styles.brand}>{mark}</span>}>
          <PageLink className={styles.brand} to="/namespaces">
            {mark}
          </PageLink>
        </Suspense>
        <Suspense fallback={<NamespacePickerAtRest />}>
          <NamespacePicker />
        </Suspense>
        <PageNav />
        <PaletteButton />
        <ThemeToggle />
      </div>
    </header>
  )
}

const mark = (
  <>
    <svg className={styles.mark} width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
      <g fill="none" stroke="currentColor" strokeWidth="1.6">
        <path d="M4 5.5 10 15 16 5.5M4 5.5h12" strokeLinejoin="round" />
      </g>
      <g fill="currentColor">
        <circle cx="4" cy="5.5" r="2.6" />
        <circle cx="16" cy="5.5" r="2.6" />
        <circle cx="10" cy="15" r="2.6" />
      </g>
    </svg>
    <span className={styles.word}>meshscope</span>
  </>
)
