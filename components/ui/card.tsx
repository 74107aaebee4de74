import { type ReactNode, useId } from 'react'
import styles from './card.module.css'

interface CardProps {
  readonly title: string
  /** A few quiet words beside the title. */
  readonly aside?: ReactNode
  /** Controls at the end of the title's line. */
  readonly tools?: ReactNode
  readonly children: ReactNode
}

/** A section of a page with its heading, as a landmark named by it. */
export function Card({ title, aside, tools, children }: CardProps) {
  const headingId = useId()
  return (
    <section className={styles.card} aria-labelledby={headingId}>
      <header className={styles.head}>
        <h2 className={styles.title} id={headingId}>
          {title}
        </h2>
        {aside !== undefined && <span className={styles.aside}>{aside}</span>}
        {tools !== undefined && <span className={styles.tools}>{tools}</span>}
      </header>
      {children}
    </section>
  )
}
