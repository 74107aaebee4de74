import { QuantityText } from '#components/ui/quantity.tsx'
import type { CourseChart } from './course-charts.ts'
import type { CoursePoint } from './course-points.ts'
import { clockText } from './course-time.ts'
import styles from './course-tooltip.module.css'
import { LineKey } from './line-key.tsx'

interface CourseTooltipProps {
  readonly chart: CourseChart
  readonly point: CoursePoint | undefined
  readonly stepMs: number
}

/** The numbers of one step, with the time it lasted. */
export function CourseTooltip({ chart, point, stepMs }: CourseTooltipProps) {
  if (point === undefined) return null
  return (
    <div className={styles.tooltip}>
      <p className={styles.time}>
        {clockText(point.atMs - stepMs / 2)} – {clockText(point.atMs + stepMs / 2)}
      </p>
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
