import { QuantityText } from '#components/ui/quantity.tsx'
import { VisuallyHidden } from '#components/ui/visually-hidden.tsx'
import { percent } from '#lib/metrics/format.ts'
import { gradeOf } from '#lib/metrics/grade.ts'
import styles from './success-rate.module.css'

const marks = { good: '●', warn: '▲', bad: '■' } as const
const words = { good: '', warn: 'below 95 %', bad: 'below 90 %' } as const

interface SuccessRateProps {
  readonly ratio: number | null
  readonly aligned?: boolean
  /** Why there is no rate, shown on hover. */
  readonly reason?: string
}

/** A success rate with a mark whose shape and colour tell how good it is. */
export function SuccessRate({ ratio, aligned = false, reason }: SuccessRateProps) {
  const align = aligned ? ({ decimals: 2, unit: 'share' } as const) : undefined
  const quantity = (
    <QuantityText
      of={percent(ratio)}
      {...(align === undefined ? {} : { align })}
      {...(ratio === null && reason !== undefined ? { reason } : {})}
    />
  )
  if (ratio === null) return quantity
  const grade = gradeOf(ratio)
  return (
    <>
      <span className={`${styles.mark} ${styles[grade]}`} aria-hidden="true">
        {marks[grade]}
      </span>
      {quantity}
      {words[grade] !== '' && <VisuallyHidden>{words[grade]}</VisuallyHidden>}
    </>
  )
}
