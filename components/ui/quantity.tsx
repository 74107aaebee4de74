import { missingDigits, type Quantity } from '#lib/metrics/format.ts'
import { Hint } from './hint.tsx'
import styles from './quantity.module.css'

interface QuantityTextProps {
  readonly of: Quantity
  /** Keeps room for this many decimals and this kind of unit, so that a column aligns on the decimal point. */
  readonly align?: { readonly decimals: 0 | 1 | 2; readonly unit: 'rate' | 'share' | 'bytes' }
  /** Why there is no number, shown on hover and focus. */
  readonly reason?: string
}

/** Digits and a quieter unit. */
export function QuantityText({ of: { digits, unit }, align, reason }: QuantityTextProps) {
  const why = digits === missingDigits ? reason : undefined
  if (align === undefined) {
    return (
      <Hint className={styles.quantity} words={why}>
        {digits}
        {unit !== '' && <span className={styles.unit}>{unit}</span>}
      </Hint>
    )
  }
  return (
    <Hint className={styles.quantity} words={why}>
      {digits}
      {padding(digits, align.decimals)}
      <span className={`${styles.unit} ${styles.column} ${styles[align.unit]}`}>{unit}</span>
    </Hint>
  )
}

/** Blanks as wide as the missing decimals and their point: figure spaces after a punctuation space. */
function padding(digits: string, decimals: number): string {
  const point = digits.indexOf('.')
  const present = point < 0 ? 0 : digits.length - point - 1
  const missing = '\u2007'.repeat(Math.max(0, decimals - present))
  return point < 0 && decimals > 0 ? `\u2008${missing}` : missing
}
