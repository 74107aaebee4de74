import { QuantityText } from '#components/ui/quantity.tsx'
import type { CourseBlank } from './course-blanks.ts'
import type { CourseChart } from './course-charts.ts'
import type { CoursePoint } from './course-points.ts'
import { stepText } from './course-time.ts'
import styles from './course-tooltip.module.css'
import { LineKey } from './line-key.tsx'

interface CourseTooltipProps {
  readonly chart: CourseChart
  readonly point: CoursePoint | undefined
  readonly stepMs: number
  readonly rangeMs: number
  /** Why there is no number. */
  readonly blank: CourseBlank | undefined
}

/** The numbers of one step, with the time it lasted. */
export function CourseTooltip({ chart, point, stepMs, rangeMs, blank }: CourseTooltipProps) {
  if (point === undefined) return null
  const isEmpty = chart.lines.every(({ key }) => point[key] === null)
  const { startMs, endMs } =
    isEmpty && blank !== undefined
      ? blank
      : { startMs: point.atMs - stepMs / 2, endMs: point.atMs + stepMs / 2 }
  return (
    <div className={styles.tooltip}>
      <p className={styles.time}>
        {stepText(startMs, rangeMs)} – {stepText(endMs, rangeMs)}
      </p>
      {blank !== undefined && <p className={styles.blank}>{blank.reason}</p>}
      <dl className={styles.numbers}>
        {chart.lines.toReversed().map(({ key, name, tone }) => (
          <div key={key} className={styles.number}>
            <dt>
              <LineKey tone={tone} shape={chart.shape} /> {name}
            </dt>
            <dd>
              <QuantityText of={chart.format(point[key])} />
            </dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
