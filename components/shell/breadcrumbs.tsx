import { PageLink } from '#components/ui/page-link.tsx'
import styles from './page-frame.module.css'

export interface Crumb {
  readonly label: string
  /** The page's address, without the time. */
  readonly to: string
}

/** The way from the top to the page one is on, as links. */
export function Breadcrumbs({ crumbs }: { readonly crumbs: readonly Crumb[] }) {
  return (
    <nav aria-label="Breadcrumbs">
      <ol className={styles.crumbs}>
        {crumbs.map(({ label, to }) => (
          <li key={to}>
            <PageLink to={to} className={styles.crumb}>
              {label}
            </PageLink>
          </li>
        ))}
      </ol>
    </nav>
  )
}
