import type { CourseChart, CourseTone } from './course-charts.ts'
import styles from './course-plot.module.css'

/** A short piece of a line, or of an area, as the chart draws it. */
export function LineKey({
  tone,
  shape,
}: {
  readonly tone: CourseTone
  readonly shape: CourseChart['shape']
}) {
  return (
    <svg className={styles.key} width="14" height="8" aria-hidden="true">
      {shape === 'stack' ? (
        <rect className={`${styles.swatch} ${styles[tone]}`} width="14" height="8" rx="2" />
      ) : (
        <g className={`${styles.line} ${styles[tone]}`}>
          <path d="M0 4H14" />
        </g>
      )}
    </svg>
  )
}
