import { type ReactNode, Suspense } from 'react'
import { TimePicker, TimePickerAtRest } from '#components/time/time-picker.tsx'
import { Breadcrumbs, type Crumb } from './breadcrumbs.tsx'
import styles from './page-frame.module.css'

interface PageFrameProps {
  readonly title: string
  /** What stands beside the title: badges, a few quiet words. */
  readonly subtitle?: ReactNode
  /** The pages above this one, outermost first, without this one. */
  readonly breadcrumbs?: readonly Crumb[]
  /** Controls of this page, before the time. */
  readonly tools?: ReactNode
  /** `false` on pages that show no time. */
  readonly time?: boolean
  /** `fill` takes the whole width, and at least the height that is left; `column` is as wide as people read. */
  readonly layout?: 'column' | 'fill'
  /** Shown until the address could be read: the page with everything in its place and no numbers. */
  readonly loading?: ReactNode
  readonly children?: ReactNode
}

/** A page: its title, its tools, the time it shows, and its contents. Pages stand in one, and it holds `main`. */
export function PageFrame(props: PageFrameProps) {
  const {
    title,
    subtitle,
    breadcrumbs = [],
    tools,
    time = true,
    layout = 'column',
    loading,
    children,
  } = props
  return (
    <main className={`${styles.page} ${styles[layout]}`} id="main" tabIndex={-1}>
      <div className={styles.head}>
        <div className={styles.names}>
          {breadcrumbs.length > 0 && (
            <Suspense fallback={<p className={styles.crumbs} />}>
              <Breadcrumbs crumbs={breadcrumbs} />
            </Suspense>
          )}
          <div className={styles.titles}>
            <h1 className={styles.title}>{title}</h1>
            {subtitle !== undefined && <div className={styles.subtitle}>{subtitle}</div>}
          </div>
        </div>
        <div className={styles.tools}>
          {tools !== undefined && <Suspense>{tools}</Suspense>}
          {time && (
            <Suspense fallback={<TimePickerAtRest />}>
              <TimePicker />
            </Suspense>
          )}
        </div>
      </div>
      <Suspense fallback={loading}>{children}</Suspense>
    </main>
  )
}
